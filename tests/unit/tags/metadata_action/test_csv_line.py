"""The fields of a line, as docker/metadata-action's two readings of CSV give them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.tags.metadata_action.csv_line import QuoteError, read_fields, split_field

FREE = ("value", "pattern")

# Lines that the action reads, with its own fields.
ALIKE = [
    ("type=raw,value=a", ["type=raw", "value=a"]),
    ("plain", ["plain"]),
    (" type = raw , value = a b ", ["type = raw", "value = a b"]),
    ('"plain"', ["plain"]),
    ('type=raw,"value=a"', ["type=raw", "value=a"]),
    ('"type=ref,event=branch"', ["type=ref", "event=branch"]),
    ('"type=raw,plain"', ["type=raw", "plain"]),
    ('"type=match,pattern=x,foo=bar"', ["type=match", "pattern=x", "foo=bar"]),
    ('"type=match,pattern=x,"', ["type=match", "pattern=x", ""]),
    ('"""value=a,b"""', ["value=a,b"]),
    ('type=raw,"""value=a,b"""', ["type=raw", "value=a,b"]),
    ("value=a,", ["value=a", ""]),
    (",", ["", ""]),
    ('""', []),
    ('""#c', []),
    (' "value=x"', ["value=x"]),
    ('"value=x" ', ["value=x"]),
    (' "value=a,b",type=raw', ["value=a,b", "type=raw"]),
    ('"value=x"#y', ["value=x#y"]),
    ("value=a#b", ["value=a#b"]),
    ("value=\ufeffa\ufeff", ["value=\ufeffa"]),
]

# Lines that the action breaks or breaks off at.
SANE = [
    (r'type=match,"pattern=\d{1,3}"', ["type=match", r"pattern=\d{1,3}"]),
    (r'"type=match,pattern=\d{1,3},group=0"', ["type=match", r"pattern=\d{1,3}", "group=0"]),
    ('"a,b"', ["a,b"]),
    (
        "type=raw,\"value={{date 'dddd, MMMM' tz='UTC'}}\"",
        ["type=raw", "value={{date 'dddd, MMMM' tz='UTC'}}"],
    ),
    ('value={{date "YYYY"}}', ['value={{date "YYYY"}}']),
    ('type=raw, "value=a,b" , prefix=x', ["type=raw", "value=a,b", "prefix=x"]),
    ('type=raw,value=a"b', ["type=raw", 'value=a"b']),
    ('"value=a"b,c', ['"value=a"b', "c"]),
    ('"value=""a"""', ['value="a"']),
]


@pytest.mark.parametrize(("line", "fields"), ALIKE + SANE)
def test_fields(line: str, fields: list[str]) -> None:
    assert read_fields(line, FREE) == fields


@pytest.mark.parametrize("line", ['"value=a', 'type=raw,"value=a', '"', '"""', '"a""'])
def test_a_quote_that_is_never_closed_is_a_mistake(line: str) -> None:
    with pytest.raises(QuoteError, match="is not closed"):
        read_fields(line, FREE)


SPLITS = [
    ("value=a=b", ("value", "a=b")),
    (" VALUE = a ", ("value", "a")),
    ("prefix=", ("prefix", "")),
    ("plain", None),
    ("=a", None),
    (" =a", ("", "a")),
]


@pytest.mark.parametrize(("field", "pair"), SPLITS)
def test_a_field_is_divided_at_its_first_equals_sign(field: str, pair: tuple[str, str] | None) -> None:
    assert split_field(field) == pair


@given(st.text(alphabet=' ",#=ab', max_size=24))
def test_any_line_has_fields_or_a_quote_too_few(line: str) -> None:
    try:
        fields = read_fields(line, FREE)
    except QuoteError:
        assert '"' in line
    else:
        assert all(field == field.strip() for field in fields)


@given(st.lists(st.text(alphabet="ab=", min_size=1, max_size=5), min_size=1, max_size=5))
def test_without_quotes_a_comma_divides(fields: list[str]) -> None:
    assert read_fields(",".join(fields), FREE) == fields
