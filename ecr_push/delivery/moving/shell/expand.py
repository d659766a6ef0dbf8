"""What a word of a shell script stands for, as far as that can be said without running anything."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.shell.nodes import Word
from ecr_push.delivery.moving.shell.words import Literal, Parameter, Substitution, word
from ecr_push.delivery.moving.values import ALWAYS, Fact, FactKind, Value

Output = Callable[[Substitution, "Variables"], Value]

_SLICE = lazy_regex(r":\s*(?:0\s*)?:\s*([0-9]+)")
_SLASHES = (r"//\//-", "//[/]/-", "///-")  # `${BRANCH//\//-}`, as the rules do it anyway
_DEFAULTS = (":-", ":=", ":?", ":+", "-", "=", "?", "+")
# Those that the rules write without slashes, and those that have none.
_WITHOUT_SLASHES = frozenset({
    FactKind.BRANCH, FactKind.REF, FactKind.GIT_TAG, FactKind.SHA, FactKind.RUN_NUMBER, FactKind.RUN_ID,
})  # fmt: skip


# A script doubles a variable with each `A=$A$A`.
_LONGEST = 1 << 16  # characters
_OF_A_FACT = 64  # characters, that it counts for


class TooLongError(Exception):
    """What a word stands for is too long to be looked at."""


class Variables:
    """What the variables of a script hold so far. One that is not here is of the environment.

    output: what `$(…)` prints. expression: what `${{ … }}` is. named: whether what a command prints is said
    by the variable that holds it, because the script stands before what is written of its values.
    """

    def __init__(
        self,
        known: Mapping[str, Value],
        output: Output,
        expression: Callable[[str], Value] | None = None,
        *,
        named: bool = False,
    ) -> None:
        self._known = dict(known)
        self._output = output
        self._expression = expression or _expression_itself
        self._named = named
        self._gone: set[str] = set()

    def copy(self) -> Variables:
        """For commands whose variables are not there later, or not certainly."""
        found = Variables(self._known, self._output, self._expression)
        found._gone = set(self._gone)
        return found

    @property
    def known(self) -> Mapping[str, Value]:
        return self._known

    def set(self, name: str, value: Value) -> None:
        """name: with a `+` where the value is added to what is there."""
        if name.endswith("+"):
            name = name[:-1]
            value = self.get(name) + value
        only = value.only
        if self._named and only and only.kind in (FactKind.COMMAND, FactKind.VERSION):
            value = Value.fact(only.kind, only.detail, f"${{{name}}}")
        self._known[name] = value

    def forget(self, name: str, *, is_there: bool = True) -> None:
        """Its value depends on what is not known: from here on it stands for itself.

        is_there: whether it has that value behind the statement, too.
        """
        self._known[name] = _itself(name) if is_there else Value.fact(FactKind.VARIABLE, name)

    def goes(self, name: str) -> None:
        """It has its value within the statement alone: nothing can be said by its name."""
        self._gone.add(name)

    def get(self, name: str) -> Value:
        return self._known.get(name, _itself(name))

    def expand(self, expanded: Word) -> Value:
        """The value of a word, without its division at blanks. Raises TooLongError."""
        found: list[str | Fact] = []
        left = _LONGEST
        for one in expanded:
            if isinstance(one, Literal):
                found.append(one.text)
                continue
            if isinstance(one, Parameter):
                parts = self._parameter(one).parts
            elif isinstance(one, Substitution):
                parts = self._output(one, self).parts
            else:
                parts = self._expression(one.expression).parts
            left -= sum(_OF_A_FACT if isinstance(part, Fact) else len(part) for part in parts)
            if left < 0:
                raise TooLongError
            found += parts
        return Value.of(found)

    def fields(self, expanded: Word) -> list[Value]:
        """The words that it becomes: an unquoted variable with blanks in it is several, an empty one none."""
        found = [Value()]
        for one in expanded:
            parts = self.expand((one,)).parts
            for part in parts:
                if isinstance(part, Fact) or isinstance(one, Literal) or one.quoted:
                    found[-1] += Value.of((part,))
                    continue
                begins, *others = part.replace("\n", " ").split(" ")
                found[-1] += Value.constant(begins)
                found += [Value.constant(other) for other in others]
        is_quoted = any(one.quoted for one in expanded)
        return [one for one in found if one.parts or (is_quoted and len(found) == 1)]

    def _parameter(self, one: Parameter) -> Value:
        value = self.get(one.name)
        if not one.operation:
            return value
        found = self._changed(one, value)
        if found is not None:
            return found
        text = "" if one.name in self._gone or not all(fact.text for fact in value.facts) else one.text
        return Value.fact(FactKind.VARIABLE, one.name, text)

    def _changed(self, one: Parameter, value: Value) -> Value | None:
        operation = one.operation
        if sliced := _SLICE.fullmatch(operation):
            return first_characters(value, int(sliced[1]), one.text)
        if operator := next((sign for sign in _DEFAULTS if operation.startswith(sign)), ""):
            return self._default(one, operator, value)
        if operation in _SLASHES and value.only and value.only.kind in _WITHOUT_SLASHES:
            return value
        if operation.startswith("#") and value.parts:
            prefix = self.expand(word(operation.lstrip("#"))).text
            return without_prefix(value, prefix, one.text, longest=operation.startswith("##"))
        return None if value.text is None else self._of_constant(value.text, operation)

    def _default(self, one: Parameter, operator: str, value: Value) -> Value | None:
        given = self.expand(word(one.operation[len(operator) :]))
        is_there = any((isinstance(part, str) or part.kind in ALWAYS) for part in value.parts)
        if operator.endswith("+"):
            return given if is_there else Value() if value.text == "" else None
        if is_there or operator.endswith("?"):
            return value
        if value.text == "":
            return given if operator.startswith(":") else value
        kinds = (value.only and value.only.kind, given.only and given.only.kind)
        if kinds == (FactKind.GIT_TAG, FactKind.BRANCH) and not (value.only and value.only.detail):
            return Value.fact(FactKind.REF, "", one.text)
        return None

    def _of_constant(self, text: str, operation: str) -> Value | None:
        if operation in (",,", "^^"):
            return Value.constant(text.lower() if operation == ",," else text.upper())
        if operation.startswith("%"):
            pattern = self.expand(word(operation.lstrip("%"))).text
            if pattern is None:
                return None
            places = range(len(text) + 1)
            return _cut(text, pattern, places if operation.startswith("%%") else reversed(places))
        if operation.startswith("/"):
            old, _, new = operation.lstrip("/").replace("\\/", "\0").partition("/")
            if not old or set(old + new) & set("*?[$`\"'"):
                return None
            count = -1 if operation.startswith("//") else 1
            return Value.constant(text.replace(old.replace("\0", "/"), new.replace("\0", "/"), count))
        return None


def _itself(name: str) -> Value:
    return Value.fact(FactKind.VARIABLE, name, f"${{{name}}}")


def _expression_itself(text: str) -> Value:
    return Value.fact(FactKind.VARIABLE, text, f"${{{{ {text} }}}}")


def first_characters(value: Value, count: int, text: str) -> Value | None:
    """What `${X::7}` and `cut -c 1-7` make of a value; text is how that is written."""
    if value.text is not None:
        return Value.constant(value.text[:count])
    only = value.only
    if only is None or only.kind is not FactKind.SHA:
        return None
    if only.detail and int(only.detail) <= count:
        return value
    return Value.fact(FactKind.SHA, str(count), text)


def without_prefix(value: Value, prefix: str | None, text: str, *, longest: bool = False) -> Value | None:
    """What `${X#prefix}` makes of a value; None where that cannot be said."""
    if not prefix:
        return None
    first = value.parts[0] if value.parts else ""
    if isinstance(first, Fact):
        is_tag = value.only and first.kind is FactKind.GIT_TAG and not first.detail
        return Value.fact(FactKind.GIT_TAG, prefix, text) if is_tag and prefix.isalnum() else None
    if set(prefix) & set("*?["):
        if value.text is None:
            return None
        places = range(len(value.text) + 1)
        for at in reversed(places) if longest else places:
            if fnmatch.fnmatchcase(value.text[:at], prefix):
                return Value.constant(value.text[at:])
        return value
    if len(value.parts) > 1 and prefix.startswith(first) and prefix != first:
        return without_prefix(Value.of(value.parts[1:]), prefix[len(first) :], text)
    return Value.of((first.removeprefix(prefix), *value.parts[1:]))


def _cut(text: str, pattern: str, places: Iterable[int]) -> Value:
    """The text up to the first of the places behind which it matches."""
    for at in places:
        if fnmatch.fnmatchcase(text[at:], pattern):
            return Value.constant(text[:at])
    return Value.constant(text)
