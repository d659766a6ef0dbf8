"""An option's type and what a source holds for it -> the value, or what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from ecr_push.base.option import OptionHelp
from ecr_push.base.suggest import did_you_mean

_TRUE = ("1", "on", "t", "true", "y", "yes")
_FALSE = ("0", "off", "f", "false", "n", "no")


def read_value(of: Any, value: Any) -> tuple[Any, Sequence[str]]:
    """The value, and what is wrong with it; what the value is then means nothing.

    Of a list, or of a text of rules, each mistake by itself. TypeError for a type that no option has yet.
    """
    origin, parts = get_origin(of), get_args(of)
    if isinstance(value, list | dict) and origin is not tuple:
        return None, (f"expected a text, not a {'list' if isinstance(value, list) else 'map'}",)
    if origin is Annotated:
        try:
            return parts[1].read(value), ()
        except ValueError as error:
            return None, getattr(error, "problems", None) or (str(error),)
    if origin is Literal:
        wrong = f"{value!r} is not one of {', '.join(parts)}{did_you_mean(str(value), parts)}"
        return value, () if value in parts else (wrong,)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            return None, ("expected a list of values",)
        found = [_read_one(parts[0], one) for one in value]
        return tuple(one for one, _ in found), [problem for _, problems in found for problem in problems]
    if NoneType in parts:
        return (None, ()) if value is None else read_value(parts[0], value)
    if of is bool:
        word = str(value).lower()
        return word in _TRUE, () if word in _TRUE + _FALSE else (f"{value!r} is neither true nor false",)
    if of is str:
        return value, () if isinstance(value, str) else ("expected a text",)
    raise TypeError(f"no option has a value of type {of}")


def _read_one(of: Any, value: Any) -> tuple[Any, Sequence[str]]:
    """Of several values one: an empty one is a mistake also where its type takes it."""
    found, problems = read_value(of, value)
    empty = ("a value is empty: leave it out, or look at the variable that it comes from",)
    return found, problems or (empty if value == "" else ())


def split(about: OptionHelp, value: Any) -> Any:
    """Several values in one text, or flags that were repeated, as a flat list; a block stays one text.

    White space around a value is left out: a block of YAML ends with a line break, and so may a variable.
    An empty text has no values. An empty flag is one, and a mistake: without it, a test or a secret that was
    asked for would be left out.
    """
    if not about.separator:
        return value.strip() if isinstance(value, str) else value
    texts = [value] if isinstance(value, str) else value
    if about.block:
        return about.separator.join(map(str, texts))
    if about.separator == "\n" and not isinstance(value, str):  # a value may have several lines
        return [text.strip() for text in map(str, texts)]
    if not isinstance(value, str) and not all(str(text).strip() for text in texts):
        return [""]
    return [part for text in texts for part in _parts(str(text), about.separator)]


def _parts(text: str, separator: str) -> list[str]:
    """The values in one text. Line breaks always divide them; of several lines, those with # are comments."""
    lines = [line.strip() for line in text.split("\n")]
    kept = [line for line in lines if len(lines) == 1 or not line.startswith("#")]
    parts = kept if separator == "\n" else [part.strip() for line in kept for part in line.split(separator)]
    return [part for part in parts if part]
