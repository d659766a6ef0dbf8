"""Rules -> their lines, and a line -> its fields, as docker/metadata-action reads them: CSV, twice.

The action reads the whole input as CSV with lenient quotes, joins the fields with commas and reads the
result as CSV again, with strict quotes. So quotes around a comma are lost after the first reading, and users
write `\"""pattern=a,b\"""` to keep one. Every line that the action can read gives the same fields here.

It differs for lines that the action breaks: `"pattern=\\d{1,2}"` keeps its comma, since no attribute follows
it (as in `"type=ref,event=branch"`); and if the second reading fails, quotes within a field are plain
characters.
"""

from __future__ import annotations

import re
from collections.abc import Container

from ecr_push.base.regex import lazy_regex
from ecr_push.tags.metadata_action.mistakes import JS_SPACE

_ATTRIBUTE = lazy_regex(r"\s*[A-Za-z0-9_]+\s*=")


class QuoteError(ValueError):
    """Quotes that do not pair. The message is for the user."""


def numbered_lines(text: str) -> list[tuple[int, str]]:
    """Returns the lines that are not blank and not comments, with their numbers."""
    lines = enumerate(re.split(r"\r\n|\n|\r", text), 1)
    found = [(number, line) for number, line in lines if line.strip(JS_SPACE)]
    said = [(number, line) for number, line in found if not line.lstrip(JS_SPACE).startswith("#")]
    if found and said and said[0] == found[0]:
        said[0] = (said[0][0], said[0][1].lstrip(JS_SPACE))  # the action trims its whole input
    return said


def read_fields(line: str, free: Container[str]) -> list[str]:
    """Returns the trimmed fields of a line, [] if the action skips it. Raises QuoteError.

    free: the attributes whose value may contain a comma.
    """
    if '"' not in line:
        return [field.strip(JS_SPACE) for field in line.split(",")]
    fields = _read(line, strict=False)
    joined = ",".join(fields).strip(JS_SPACE)
    if not joined:
        return []
    if '"' not in joined:
        found = [piece for field in fields for piece in _pieces(field, free)]
    else:
        try:
            found = _read(joined, strict=True)
        except QuoteError:
            found = _leniently(line)
    return [field.strip(JS_SPACE) for field in found]


def split_field(field: str) -> tuple[str, str] | None:
    """Splits `key=value` at its first `=`, with the key in lower case; None for a value without a key."""
    key, equals, value = field.partition("=")
    return (key.strip(JS_SPACE).lower(), value.strip(JS_SPACE)) if equals and key else None


def _read(line: str, *, strict: bool) -> list[str]:
    """Reads fields as csv-parse does, with relax_quotes and comments (without both if strict)."""
    fields: list[str] = []
    field, quoting, quoted = "", False, False
    at = 0
    while at < len(line):
        char, following = line[at], line[at + 1 : at + 2]
        at += 1
        if quoting:
            if char == '"' and following == '"':
                field += '"'
                at += 1
            elif char == '"' and following in (("", ",") if strict else ("", ",", "#")):
                quoting, quoted = False, True
            elif char == '"' and strict:
                raise QuoteError(f"after a closing quote a comma must follow, not {line[at:]!r}")
            elif char == '"':
                quoting, quoted, field = False, True, f'"{field}"'
            else:
                field += char
        elif char == '"' and not field:
            quoting = True
        elif char == '"' and strict:
            raise QuoteError(f"there is a quote within a field, after {field!r}")
        elif char == "#" and not strict and not fields and not field:
            break
        elif char == ",":
            fields.append(field)
            field, quoted = "", False
        else:
            field += char
    if quoting:
        raise QuoteError('a quote (") is not closed')
    return [*fields, field] if fields or field or quoted else []


def _pieces(field: str, free: Container[str]) -> list[str]:
    """Splits a quoted field as the action does, but keeps a piece without a key in the value before it."""
    pieces: list[str] = []
    for piece in field.split(","):
        if pieces and piece and not _ATTRIBUTE.match(piece) and _is_free(pieces[-1], free):
            pieces[-1] += f",{piece}"
        else:
            pieces.append(piece)
    return pieces


def _is_free(piece: str, free: Container[str]) -> bool:
    pair = split_field(piece)
    return pair is None or pair[0] in free


def _leniently(line: str) -> list[str]:
    """Reads fields in which a quote counts only as the first or last character, ignoring white space."""
    fields: list[str] = []
    rest = line
    while True:
        rest = rest.lstrip(JS_SPACE)
        end = _closing_quote(rest) if rest.startswith('"') else 0
        if end:
            fields.append(rest[1:end].replace('""', '"'))
            rest = rest[end + 1 :].lstrip(JS_SPACE)
        else:
            field, _, _ = rest.partition(",")
            fields.append(field)
            rest = rest[len(field) :]
        if not rest:
            return fields
        rest = rest[1:]


def _closing_quote(text: str) -> int:
    """Returns the position at which the quote that opens text is closed; 0 if it is not."""
    at = 1
    while (at := text.find('"', at)) > 0:
        if text.startswith('""', at):
            at += 2
            continue
        if text[at + 1 :].lstrip(JS_SPACE)[:1] in ("", ","):
            return at
        at += 1
    return 0
