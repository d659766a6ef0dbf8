"""An input with several values -> the values, as docker/build-push-action divides it. Pure.

It is CSV with lenient quotes, over several lines where a quote stays open:
https://github.com/docker/actions-toolkit/blob/main/src/util.ts (getList), and csv-parse's relax_quotes.
Unlike there, a line that starts with `#` is a comment, as in every other list of this action.
"""

from __future__ import annotations


class OpenQuoteError(ValueError):
    """A quote that is not closed. The message is for the user."""


def values_in(text: str, *, by_lines: bool) -> list[str]:
    """The values in a text, with the white space around them.

    by_lines: a comma is part of a value, as in build arguments; else it divides values, in quotes too.

    Raises OpenQuoteError.
    """
    joined = [",".join(fields) for fields in _records(text.replace("\r\n", "\n").replace("\r", "\n"))]
    found = joined if by_lines else [part for one in joined for part in one.split(",")]
    return [one for one in found if one.strip()]


def _records(text: str) -> list[list[str]]:
    records: list[list[str]] = []
    fields: list[str] = []
    field, quoting = "", False
    at = 0
    while at < len(text):
        char, following = text[at], text[at + 1 : at + 2]
        at += 1
        if quoting:
            if char == '"' and following == '"':
                field += '"'
                at += 1
            elif char == '"' and following in ("", ",", "\n"):
                quoting = False
            elif char == '"':  # as in `A={"a":1,"b":2}`: it opened nothing
                quoting, field = False, f'"{field}"'
            else:
                field += char
        elif char == '"' and not field:
            quoting = True
        elif char == "#" and not fields and not field.strip():
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif char == ",":
            fields.append(field)
            field = ""
        elif char == "\n":
            records.append([*fields, field])
            fields, field = [], ""
        else:
            field += char
    if quoting:
        raise OpenQuoteError('a quote (") is not closed')
    return [*records, [*fields, field]]
