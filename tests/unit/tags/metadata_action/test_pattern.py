"""JavaScript's regular expressions on Python's re, beside what a JavaScript engine answers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.tags.metadata_action.pattern import PatternError, parse_pattern, plain_pattern

# expression, text, what String.prototype.match answers
TABLE: list[tuple[str, str, tuple[str | None, ...] | None]] = [
    ("v(.*)", "v1.2", ("v1.2", "1.2")),
    ("v(.*)", "x", None),
    ("(a)|(b)", "b", ("b", None, "b")),
    (r"/V(\d+)/i", "v12", ("v12", "12")),
    (r"/\d/g", "a1b2", ("1", "2")),
    ("/x/g", "a", None),
    (r"/\b|\w+/g", "ab", ("", "b", "")),
    ("/a*/g", "baac", ("", "aa", "", "")),
    (r"/\d/y", "a1", None),
    (r"/\d/gy", "12a3", ("1", "2")),
    (r"/(?<major>\d)\.(?<minor>\d)/", "1.2", ("1.2", "1", "2")),
    (r"(?<n>a)\k<n>", "aa", ("aa", "a")),
    (r"(a)?\1b", "b", ("b", None)),
    (r"\1(a)", "a", ("a", "a")),
    (r"(a\1)", "a", ("a", "a")),
    (r"\d", "٣", None),
    (r"\w", "é", None),
    (r"\s", "\xa0", ("\xa0",)),
    (r"\s", "\ufeff", ("\ufeff",)),
    (r"\s", "\x1c", None),
    (r"\bé", "é", None),
    ("a$", "a\n", None),
    ("/a$/m", "a\nb", ("a",)),
    ("/^b/m", "a\u2028b", ("b",)),
    ("a.b", "a\nb", None),
    ("/a.b/s", "a\nb", ("a\nb",)),
    ("a.b", "a\u2028b", None),
    ("[^]", "\n", ("\n",)),
    ("[]", "a", None),
    ("[^a]", "A", ("A",)),
    ("/[^a]/i", "A", None),
    ("/[a-z]/i", "Q", ("Q",)),
    ("/é/i", "É", ("É",)),
    ("/s/i", "ſ", None),
    ("/s/iu", "ſ", ("ſ",)),
    ("/k/i", "K", None),
    ("/[k]/iu", "K", ("K",)),
    (r"\/", "a/b", ("/",)),
    (r"/a\/b/", "a/b", ("a/b",)),
    ("a/b", "a/b", ("a/b",)),
    ("/[/]/", "a/b", ("/",)),
    (r"\u0041", "A", ("A",)),
    (r"/\u{1F600}/u", "\U0001f600", ("\U0001f600",)),
    (r"\uD83D\uDE00", "\U0001f600", ("\U0001f600",)),
    (r"\u{2}", "uu", ("uu",)),
    (r"\x41", "A", ("A",)),
    (r"\x4", "x4", ("x4",)),
    (r"\cA", "\x01", ("\x01",)),
    (r"\c", r"\c", (r"\c",)),
    (r"[\c1]", "\x11", ("\x11",)),
    (r"[\b]", "\x08", ("\x08",)),
    (r"\-", "-", ("-",)),
    (r"[a\-z]", "-", ("-",)),
    (r"[\w-z]", "-", ("-",)),
    ("[-a]", "-", ("-",)),
    ("[a-]", "-", ("-",)),
    (r"\0", "\x00", ("\x00",)),
    (r"\101", "A", ("A",)),
    (r"[\101]", "A", ("A",)),
    (r"\8", "8", ("8",)),
    ("a{,2}", "a{,2}", ("a{,2}",)),
    ("a{2", "a{2", ("a{2",)),
    ("{", "{", ("{",)),
    ("]", "]", ("]",)),
    ("a{2}", "aaa", ("aa",)),
    ("a{1,}?", "aaa", ("a",)),
    ("a{0,1}", "aa", ("a",)),
    ("(?=a)*b", "b", ("b",)),
    ("(?!a).", "ba", ("b",)),
    (r"(?<=v)\d", "v1", ("1",)),
    (r"(?<!v)\d", "v12", ("2",)),
    (r"\B", "a", None),
    (r"\B", "", ("",)),
    (r"/\B/g", "abc", ("", "")),
    (r"\a\Z\A\z\e\q", "aZAzeq", ("aZAzeq",)),
    ("[[]", "[", ("[",)),
    ("[a&&b]", "&", ("&",)),
    ("[a||b]", "|", ("|",)),
    ("[+--b]", "-", ("-",)),
    (r"/[\w--[a-y]]/v", "az", ("z",)),
    ("/[[a-z]&&[aeiou]]/v", "xe", ("e",)),
    (r"/[^\d]/v", "1a", ("a",)),
    (r"\p{L}", "p{L}", ("p{L}",)),
    (r"\k", "k", ("k",)),
    (r"(\d+)\.(\d+)", "10.20", ("10.20", "10", "20")),
    (r"(\d\.)+", "1.2.3", ("1.2.", "2.")),
    (r"^(?:(\d+)!)?(\d+)$", "7", ("7", None, "7")),
    (r"#\ x", "# x", ("# x",)),
    ("", "abc", ("",)),
    ("/(.)(.)?/d", "a", ("a", "a", None)),
    ("σ", "σ", ("σ",)),
    ("/σ/i", "ς", ("ς",)),
    ("/[^x]/iu", "X", None),
    ("/./u", "\U0001f600", ("\U0001f600",)),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), TABLE)
def test_match(pattern: str, text: str, expected: tuple[str | None, ...] | None) -> None:
    assert parse_pattern(pattern).match(text) == expected


def test_slashes_of_a_plain_pattern_are_slashes() -> None:
    assert plain_pattern("/v(.)/").match("a/v1/b") == ("/v1/", "1")
    assert parse_pattern("/v(.)/").match("a/v1/b") == ("v1", "1")


MISTAKES = [
    ("(", "a ( is not closed"),
    (")", "was not opened"),
    ("[", "a [ is not closed"),
    ("a\\", "ends in a single"),
    ("*", "nothing to repeat"),
    ("a**", "nothing to repeat"),
    ("a*+", "nothing to repeat"),
    ("a{1}{2}", "nothing to repeat"),
    ("^*", "nothing to repeat"),
    (r"\b+", "nothing to repeat"),
    ("(?<=a)*", "nothing to repeat"),
    ("{1}", "nothing to repeat"),
    ("a{2,1}", "out of order"),
    ("a{99999999999}", "repeats too often"),
    ("[b-a]", "out of order"),
    ("(?P<n>a)", "does not start a valid group"),
    ("(?#c)", "does not start a valid group"),
    ("(?>a)", "does not start a valid group"),
    ("(?<1>a)", "is not a valid group name"),
    ("(?<n>a)(?<n>b)", "two groups have the name 'n'"),
    (r"(?<n>a)\k<m>", "does not refer to a group"),
    (r"(?<n>a)\k", "does not refer to a group"),
    ("/a/x", "there is no flag 'x'"),
    ("/a/gg", "a flag is given twice"),
    ("/a/uv", "cannot be combined"),
    (r"/\a/u", "is not an escape"),
    (r"/\2/u", "does not refer to a group"),
    (r"/\07/u", "is not an escape"),
    (r"/\u{110000}/u", "is not a character"),
    (r"/\u12/u", "four hexadecimal digits"),
    (r"/\c1/u", "followed by a letter"),
    ("/{/u", "must be written"),
    (r"/[\w-z]/u", "from one character to another"),
    (r"/\p{L}/u", "not supported"),
    (r"/[\q{ab}]/v", "not supported"),
    ("/[a&&b--c]/v", "cannot be combined"),
    ("/[a-z&&b]/v", "needs its own"),
    ("/[(]/v", "must be written"),
    ("(?-:a)", "gives a flag twice, or none"),
    ("(?<=a*)b", "varying length"),
    ("(?:(a)|b)+\\1", "within a repetition"),
    ("(?:a??)*", "may match nothing first"),
    ("(|a)*", "may match nothing first"),
    ("(" * 60 + ")" * 60, "nested"),
]


@pytest.mark.parametrize(("pattern", "why"), MISTAKES)
def test_what_cannot_be_is_a_mistake(pattern: str, why: str) -> None:
    with pytest.raises(PatternError, match=re.escape(why)):
        parse_pattern(pattern)


# Groups that JavaScript empties at each turn, and Python does not.
UNRELIABLE = [
    ("((a)|b)+", {2}),
    ("(a*)*", {1}),
    ("(a*)?", {1}),
    ("(a)+", set()),
    (r"(\.\d+)*", set()),
    (r"(?:(\d)\.)+", set()),
    ("(a)?(b)", set()),
    ("(?:(a)?b)+", {1}),
]


@pytest.mark.parametrize(("pattern", "groups"), UNRELIABLE)
def test_unreliable_groups_are_known(pattern: str, groups: set[int]) -> None:
    assert parse_pattern(pattern).unreliable == groups


def test_modifiers_hold_within_their_group() -> None:
    pattern = parse_pattern("(?i:a)b")
    assert pattern.match("Ab") and not pattern.match("AB")
    assert parse_pattern("/(?-i:a)b/i").match("aB") and not parse_pattern("/(?-i:a)b/i").match("AB")


@given(st.text(alphabet="ab1.\\^$|?*+()[]{}<>=!:-/,uvikPs\n#é&", max_size=20), st.text(max_size=8))
def test_any_text_is_a_pattern_or_a_clear_mistake(pattern: str, text: str) -> None:
    try:
        found = parse_pattern(pattern).match(text)
    except PatternError as error:
        assert str(error)
    else:
        assert found is None or (found[0] is not None and found[0] in text)


@given(st.text(max_size=8), st.text(max_size=8))
def test_an_escaped_text_finds_itself(text: str, around: str) -> None:
    escaped = re.sub(r"[\\^$.*+?()[\]{}|/]", r"\\\g<0>", text)
    assert plain_pattern(escaped).match(f"{around}{text}") == (text,)
