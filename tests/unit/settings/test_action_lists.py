from __future__ import annotations

import pytest

from ecr_push.settings.action_lists import OpenQuoteError, values_in

# The text, what is in it where commas divide, and where lines do.
TABLE: list[tuple[str, list[str], list[str]]] = [
    ("bar", ["bar"], ["bar"]),
    ("", [], []),
    ("bar\n\nbaz\n", ["bar", "baz"], ["bar", "baz"]),
    ("bar\r\nbaz,bat", ["bar", "baz", "bat"], ["bar", "baz,bat"]),
    ("bar,baz,", ["bar", "baz"], ["bar,baz,"]),
    ('linux/a\n"linux/b,linux/c"', ["linux/a", "linux/b", "linux/c"], ["linux/a", "linux/b,linux/c"]),
    ("A=1,2\nB=x#y", ["A=1", "2", "B=x#y"], ["A=1,2", "B=x#y"]),
    ("# a note, and more\nA=1\n  # B=2\nC=#3", ["A=1", "C=#3"], ["A=1", "C=#3"]),
    ('"A=a\nb\n\nc"\nB=2', ["A=a\nb\n\nc", "B=2"], ["A=a\nb\n\nc", "B=2"]),
    ('"A=a""b"', ['A=a"b'], ['A=a"b']),
    ('A={"a":1,"b":2}', ['A={"a":1', '"b":2}'], ['A={"a":1,"b":2}']),
    ('A=say "hi"\nB=2', ['A=say "hi"', "B=2"], ['A=say "hi"', "B=2"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "by_commas", "by_lines"), TABLE)
def test_values(text: str, by_commas: list[str], by_lines: list[str]) -> None:
    assert values_in(text, by_lines=False) == by_commas
    assert values_in(text, by_lines=True) == by_lines


def test_the_end_of_a_secret_stays_as_it_is() -> None:
    assert values_in('"KEY=a\nb\n\n\n"\n', by_lines=True) == ["KEY=a\nb\n\n\n"]


def test_a_quote_that_stays_open_is_a_mistake() -> None:
    with pytest.raises(OpenQuoteError, match="is not closed"):
        values_in('"A=1\nB=2', by_lines=True)
