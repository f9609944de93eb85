"""The corpus of texts: one part that rules were tuned to, one that was written before them and kept back."""

from typing import Any

import pytest
from bench.parsing import corpus, expected, score, stated

from brassleaf.trade.parsing import read


@pytest.mark.parametrize("row", corpus("tuned"), ids=lambda row: row["text"][:60])
def test_a_tuned_text_is_read_wholly_right(row: dict[str, Any]) -> None:
    assert stated(read(row["text"])) == expected(row)


def test_of_texts_that_were_kept_back_most_fields_are_right() -> None:
    right, total, _ = score(corpus("held"))
    assert total > 1_000
    assert right / total >= 0.95


def test_the_parts_are_large_and_share_nothing() -> None:
    tuned, held = ({row["text"] for row in corpus(part)} for part in ("tuned", "held"))
    assert len(tuned) + len(held) >= 300
    assert len(held) >= 100
    assert not tuned & held


def test_the_score_counts_what_is_missing_and_what_is_too_much() -> None:
    assert score([{"text": "1/2 R2 36 in", "size": 8, "hose": "R2", "length": "36 in"}]) == (3, 3, 1)
    assert score([{"text": "1/2 R2 36 in", "size": 8, "hose": "R1", "length": "36 in"}]) == (2, 3, 0)
    assert score([{"text": "1/2 R2 36 in", "size": 8}]) == (1, 3, 0)
    assert score([{"text": "hello", "size": 8}]) == (0, 1, 0)
