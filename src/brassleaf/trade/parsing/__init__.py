"""A shop's or a buyer's text read as a hose assembly: words to facts, no catalogue, no store, no clock.

`lexicon` is the trade's vocabulary, `lexemes` cuts a text into pieces with meanings, `phrases` joins words among them,
`codes` reads makers' part numbers whole, `ends` (with `anchors`), `measures` and `hoses` put the pieces together,
`grammar` makes one `Reading` of it all. Every pattern is anchored and bounded, so that the time of a reading grows with
the length of its text and not faster.
"""

from brassleaf.trade.parsing.grammar import MAX_TEXT, read
from brassleaf.trade.parsing.reading import Conflict, End, Fact, Length, Reading

__all__ = ["MAX_TEXT", "Conflict", "End", "Fact", "Length", "Reading", "read"]
