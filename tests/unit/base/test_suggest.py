from __future__ import annotations

import pytest

from ecr_push.base.suggest import closest, did_you_mean


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("hihg", ("low", "high"), "high"),
        ("HIHG", ("low", "high"), "high"),
        ("putImges", ("PutImage", "GetImage"), "PutImage"),
        ("x", ("low", "high"), ""),
        ("", ("low",), ""),
        ("low", (), ""),
    ],
)
def test_the_closest_known_word(word: str, known: tuple[str, ...], meant: str) -> None:
    assert closest(word, known) == meant
    assert did_you_mean(word, known) == (f"; did you mean {meant!r}?" if meant else "")
