"""Texts with `*`, `?` and `${variables}`, and what they match. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecr_push.base.iam.context import Context
from ecr_push.base.iam.truth import NO, Truth, depends
from ecr_push.base.regex import lazy_regex

_VARIABLE = lazy_regex(r"\$\{([^{}]+)\}")
_DEFAULT = lazy_regex(r"(?P<key>[^,]*?)\s*,\s*'(?P<default>[^']*)'\s*")
_WRITTEN = {"*", "?", "$"}
_ARN_PARTS = 6

# A literal character, or one of these:
_ONE = "one"
_ANY = "any"
Token = str


def action_matches(pattern: str, action: str) -> bool:
    """Whether `ecr:Put*` names `ecr:PutImage`, in any case of letters."""
    return _run(_wildcards(pattern.lower()), action.lower())


def resource_matches(pattern: str, resource: str, context: Context, variables: bool) -> Truth:
    """Whether an ARN's pattern names a resource, which is `*` for an action that knows none.

    A `*` within a part of an ARN stays in that part; at the end of one it goes on behind the colon.
    """
    return _like(pattern, resource, context, variables, stop=":" if pattern.startswith("arn:") else "")


def text_like(pattern: str, text: str, context: Context, variables: bool) -> Truth:
    """`StringLike`."""
    return _like(pattern, text, context, variables)


def arn_like(pattern: str, arn: str, context: Context, variables: bool) -> Truth:
    """`ArnLike` and `ArnEquals`, which are the same: each of the six parts has its own wildcards."""
    tokens = _tokens(pattern, context, variables)
    if isinstance(tokens, Truth):
        return tokens
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return NO
    if tokens == [_ANY]:
        return Truth(True)
    patterns = list(_split(tokens))
    return Truth(len(patterns) == _ARN_PARTS and all(map(_run, patterns, parts)))


def text_of(pattern: str, context: Context, variables: bool) -> str | Truth:
    """A text with its variables replaced, in which `*` and `?` are themselves; a Truth where one of them has
    no value, or one that is unknown."""
    tokens = _tokens(pattern, context, variables)
    if isinstance(tokens, Truth):
        return tokens
    return "".join({_ANY: "*", _ONE: "?"}.get(token, token) for token in tokens)


def variables_of(text: str) -> tuple[str, ...]:
    """The keys of the variables in a text."""
    return tuple(_default(found)[0] for found in _VARIABLE.findall(text) if found not in _WRITTEN)


def _like(pattern: str, text: str, context: Context, variables: bool, stop: str = "") -> Truth:
    tokens = _tokens(pattern, context, variables)
    return tokens if isinstance(tokens, Truth) else Truth(_run(tokens, text, stop))


def _tokens(pattern: str, context: Context, variables: bool) -> list[Token] | Truth:
    """The pattern's characters; a Truth if a variable makes it match nothing, or unknown.

    A wildcard in a variable's value is a character like any other: it comes from the request.
    """
    if not variables or "${" not in pattern:
        return _wildcards(pattern)
    tokens: list[Token] = []
    at = 0
    for found in _VARIABLE.finditer(pattern):
        tokens += _wildcards(pattern[at : found.start()])
        at = found.end()
        if found[1] in _WRITTEN:
            tokens.append(found[1])
            continue
        key, default = _default(found[1])
        values = context.find(key)
        if values is None:
            return depends(key.lower())
        if len(values) != 1 and default is None:
            return NO  # a variable stands for one value: a key with none, or several, matches nothing
        tokens += list(values[0] if len(values) == 1 else default or "")
    return tokens + _wildcards(pattern[at:])


def _default(variable: str) -> tuple[str, str | None]:
    if found := _DEFAULT.fullmatch(variable):
        return found["key"].strip(), found["default"]
    return variable.strip(), None


def _wildcards(text: str) -> list[Token]:
    return [{"*": _ANY, "?": _ONE}.get(one, one) for one in text]


def _split(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The parts of an ARN's pattern: at most six, since the last one may have colons."""
    part: list[Token] = []
    parts = 1
    for one in tokens:
        if one == ":" and parts < _ARN_PARTS:
            yield part
            part, parts = [], parts + 1
        else:
            part.append(one)
    yield part


def _run(tokens: Sequence[Token], text: str, stop: str = "") -> bool:
    """Whether the tokens make the whole text. All ways at once: the time grows with the product of the two
    lengths, whatever the pattern. stop: what a wildcard does not stand for before the end of a part."""
    end = len(tokens)
    free = [at + 1 == end or tokens[at + 1] == stop for at in range(end)]  # a `*` that goes on behind stop
    places = set(_reached(tokens, 0))
    for one in text:
        following: set[int] = set()
        for at in places:
            if at == end:
                continue
            token = tokens[at]
            if token == _ANY:
                if one != stop or free[at]:
                    following.update(_reached(tokens, at))
            elif token == one or (token == _ONE and one != stop):
                following.update(_reached(tokens, at + 1))
        places = following
        if not places:
            return False
    return end in places


def _reached(tokens: Sequence[Token], at: int) -> Iterator[int]:
    """A place, and those behind the `*` that stand there, which may be nothing."""
    yield at
    while at < len(tokens) and tokens[at] == _ANY:
        at += 1
        yield at
