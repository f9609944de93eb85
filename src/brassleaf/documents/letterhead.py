"""What every page of every document carries: head, sample banner, footer; and the block that names the subject."""

from typing import Final

from brassleaf.documents.codes import draw_code128, draw_qr
from brassleaf.documents.layout import MARGIN, Block, Composer, Frame, facts
from brassleaf.documents.models import Heading, Paper, Shop
from brassleaf.documents.pen import BRASS, QUIET, RULE, Pen, colour
from brassleaf.documents.texts import fitted, one_line, with_revision, wrap
from brassleaf.documents.typeface import bold, regular

_WARNING: Final = colour("#8a3b00")
_WARNING_FILL: Final = colour("#fff0cf")
_BANNER_LINES: Final = 3
_NAME_LINES: Final = 2
_ADDRESS_LINES: Final = 4
_QR_SIDE: Final = 72.0
SAMPLE: Final = "Sample data - not for production: "


class Letterhead:
    """Draws head and footer for one document and remembers what did not fit there, to be printed in full below."""

    def __init__(self, frame: Frame, shop: Shop, heading: Heading, title: str, sample_notes: tuple[str, ...]) -> None:
        self.frame = frame
        self.shop = shop
        self.heading = heading
        self.title = title
        self.subject = one_line(with_revision(heading.part_number, heading.revision.strip(), shop.revision_delimiter))
        self.notes = [note for note in map(one_line, sample_notes) if note]
        # A component is marked even when nobody wrote what about it is sample.
        self.sample = SAMPLE + ("; ".join(self.notes) or "see the parts list") if sample_notes else ""
        self._banner = wrap(self.sample, bold(), 7.4, frame.width - 16) if self.sample else []
        left = frame.width * 0.46
        self._name = wrap(one_line(shop.name), bold(), 13, left)
        self._address = [line for text in shop.address for line in wrap(one_line(text), regular(), 7.4, left) if line]

    @property
    def leftovers(self) -> list[tuple[str, str]]:
        """What the head had to shorten, in full."""
        rest = []
        if len(self._name) > _NAME_LINES:
            rest.append(("Shop", self.shop.name))
        if len(self._address) > _ADDRESS_LINES:
            rest.append(("Address", "\n".join(self.shop.address)))
        if len(self._banner) > _BANNER_LINES:
            rest.append(("Sample data", self.sample))
        return rest

    def head(self, pen: Pen, number: int) -> float:
        """Draw the head of a page and the sample banner; where the content begins."""
        y = self._first_head(pen) if number == 1 else self._running_head(pen)
        return self._draw_banner(pen, y)

    def _first_head(self, pen: Pen) -> float:
        frame = self.frame
        y = frame.top - 11
        for line in _shortened(self._name, _NAME_LINES):
            pen.text(frame.left, y, line, bold(), 13)
            y -= 15
        y += 4
        for line in _shortened(self._address, _ADDRESS_LINES):
            pen.text(frame.left, y, line, regular(), 7.4, ink=QUIET)
            y -= 9.2
        room = frame.width * 0.5
        pen.text(frame.right, frame.top - 12, self.title, bold(), 14.5, align="right")
        pen.text(
            frame.right,
            frame.top - 26,
            fitted(self.subject, bold(), 10.5, room),
            bold(),
            10.5,
            ink=BRASS,
            align="right",
        )
        base = frame.top - 50
        draw_code128(pen, one_line(self.heading.part_number), right=frame.right, y=base, height=18, room=room)
        y = min(y + 9.2, base) - 7
        pen.line(frame.left, y, frame.right, y, ink=BRASS, width=1.6)
        return y - 5

    def _running_head(self, pen: Pen) -> float:
        frame = self.frame
        base, half = frame.top - 9, frame.width / 2 - 8
        pen.text(frame.left, base, fitted(self.shop.name, bold(), 9, half), bold(), 9)
        subject = fitted(f"{self.title} · {self.subject}", bold(), 8, half)
        pen.text(frame.right, base, subject, bold(), 8, align="right")
        pen.line(frame.left, base - 6, frame.right, base - 6, ink=BRASS, width=1.2)
        return base - 12

    def _draw_banner(self, pen: Pen, y: float) -> float:
        if not self._banner:
            return y
        lines = self._banner
        if len(lines) > _BANNER_LINES:
            tail = " ... (in full at the end)"
            room = self.frame.width - 16 - bold().width(tail, 7.4)
            cut = fitted(lines[_BANNER_LINES - 1] + " " + lines[_BANNER_LINES], bold(), 7.4, room).rstrip("…")
            lines = [*lines[: _BANNER_LINES - 1], cut + tail]
        height = len(lines) * 9.4 + 6
        pen.rect(
            self.frame.left + 0.5,
            y - height,
            self.frame.width - 1,
            height,
            fill=_WARNING_FILL,
            ink=_WARNING,
            stroke=1.1,
        )
        for number, line in enumerate(lines):
            pen.text(self.frame.left + 8, y - 10.2 - number * 9.4, line, bold(), 7.4, ink=_WARNING)
        return y - height - 5

    def foot(self, pen: Pen, number: int, of: int) -> None:
        """Draw the footer of a page."""
        frame = self.frame
        base = MARGIN + 3
        pen.line(frame.left, base + 9.5, frame.right, base + 9.5, ink=RULE, width=0.5)
        third = frame.width / 3 - 6
        made = f"Generated {self.heading.generated.isoformat()}" if self.heading.generated else ""
        left = " · ".join(filter(None, (made, one_line(self.shop.name))))
        pen.text(frame.left, base, fitted(left, regular(), 6.8, third), regular(), 6.8, ink=QUIET)
        if self.sample:
            pen.text((frame.left + frame.right) / 2, base, "SAMPLE DATA", bold(), 6.8, ink=_WARNING, align="centre")
        else:
            middle = fitted(self.subject, regular(), 6.8, third)
            pen.text((frame.left + frame.right) / 2, base, middle, regular(), 6.8, ink=QUIET, align="centre")
        pen.text(frame.right, base, f"Page {number} of {of}", regular(), 6.8, ink=QUIET, align="right")


def _shortened(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][:-1].rstrip() + "…"]


def compose(
    paper: Paper, shop: Shop, heading: Heading, title: str, sample_notes: tuple[str, ...]
) -> tuple[Composer, Letterhead]:
    """The first page with its head, ready for content."""
    frame = Frame(paper)
    letterhead = Letterhead(frame, shop, heading, title, sample_notes)
    return Composer(frame, letterhead.head, letterhead.foot), letterhead


def subject_pairs(heading: Heading) -> list[tuple[str, str]]:
    """The subject as labels and values, two to a row."""
    return [
        ("Part number", heading.part_number),
        ("Revision", heading.revision),
        ("Status", heading.status),
        ("Version", "" if heading.version is None else str(heading.version)),
        ("Date", heading.generated.isoformat() if heading.generated else ""),
        ("Customer", heading.customer),
        ("Customer part no.", heading.customer_part_number),
        ("Customer revision", heading.customer_revision),
    ]


def draw_subject(composer: Composer, heading: Heading, more: tuple[tuple[str, str], ...] = ()) -> None:
    """Draw what the document is about, with the QR code of part number and revision beside it."""
    frame, top, page = composer.frame, composer.y, len(composer.pens)
    # The two values, a line each: what a shop's scanner types into two fields.
    content = "\n".join(filter(None, (one_line(heading.part_number), one_line(heading.revision))))
    drawn = draw_qr(composer.pen, frame.right - _QR_SIDE + 8, top - _QR_SIDE + 6, _QR_SIDE, content)
    width = frame.width - (_QR_SIDE - 4 if drawn else 0)
    composer.flow(facts([*subject_pairs(heading), *more], width=width, share=0.38, across=2))
    composer.flow(_wide("Description", heading.description, width))
    if page == len(composer.pens) and drawn:
        composer.y = min(composer.y, top - _QR_SIDE + 10)


def _wide(label: str, text: str, width: float) -> Block:
    """One labelled text over the whole width; nothing when there is no text."""
    return facts([(label, text)] if text.strip() else [], width=width, share=0.19)


def draw_texts(composer: Composer, title: str, texts: list[tuple[str, str]]) -> None:
    """Draw labelled texts of any length; those that are empty are left out."""
    filled = [(label, text) for label, text in texts if text.strip()]
    if filled:
        composer.space(5)
        composer.flow(facts(filled, width=composer.frame.width, title=title, share=0.15))


def draw_leftovers(composer: Composer, letterhead: Letterhead) -> None:
    """Draw in full what head and banner had to shorten."""
    draw_texts(composer, "In full", letterhead.leftovers)


def quiet_line(composer: Composer, text: str) -> None:
    """One small line of explanation under a block."""
    for line in wrap(text, regular(), 6.4, composer.frame.width):
        composer.ensure(9)
        composer.y -= 8
        composer.pen.text(composer.frame.left, composer.y, line, regular(), 6.4, ink=QUIET)
