"""What an expression of a Jenkinsfile stands for, as far as the file says it."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.jenkins.groovy import GroovyError, Interpolation, Token
from ecr_push.delivery.moving.jenkins.tree import Group, Item, arguments, parse
from ecr_push.delivery.moving.shell.expand import Variables, first_characters
from ecr_push.delivery.moving.shell.printed import printed_by
from ecr_push.delivery.moving.shell.words import Substitution
from ecr_push.delivery.moving.values import Fact, FactKind, Value

_REFS = (FactKind.BRANCH, FactKind.REF, FactKind.GIT_TAG)
_VARIABLE = lazy_regex(r"\$\{?([A-Za-z_]\w*)\}?")
_NO_CHANGE = frozenset({"trim", "toString"})


class Scope:
    """What the names hold. environment: what a shell sees too; names: Groovy's own variables.

    text: of the file, for expressions that stay as they are.
    """

    def __init__(self, text: str, environment: dict[str, Value]) -> None:
        self.text = text
        self.environment = environment
        self.names: dict[str, Value] = {}

    def set_environment(self, name: str, value: Value) -> None:
        self.environment[name] = _by_name(value, f"${{{name}}}", name)

    def set_name(self, name: str, value: Value) -> None:
        self.names[name] = _by_name(value, f"${{{{ {name} }}}}", name)

    def value(self, items: Sequence[Item]) -> Value:
        """The value of an expression."""
        items = [one for one in items if not (isinstance(one, Token) and one.kind == "newline")]
        if not items:
            return Value()
        terms: list[list[Item]] = [[]]
        for one in items:
            if isinstance(one, Token) and one.is_operator("+"):
                terms.append([])
            else:
                terms[-1].append(one)
        found = Value()
        for term in terms:
            value = self._term(term)
            if value is None:
                return self._itself(self.text[items[0].begin : items[-1].end])
            found += value
        return found

    def string(self, token: Token) -> Value:
        found = Value()
        for part in token.parts:
            found += Value.constant(part) if isinstance(part, str) else self.expression(part)
        return found

    def script(self, token: Token) -> str:
        """A string that a shell runs; what Groovy puts in stands as `${{ … }}`."""
        return "".join(one if isinstance(one, str) else f"${{{{ {one.text} }}}}" for one in token.parts)

    def expression(self, part: Interpolation) -> Value:
        return self.text_value(part.text)

    def text_value(self, text: str) -> Value:
        """The value of an expression that is a text of its own."""
        try:
            statements = parse(text)
        except (GroovyError, RecursionError):
            return self._itself(text)
        inner = Scope(text, self.environment)
        inner.names = self.names
        return inner.value(statements[0].items) if len(statements) == 1 else self._itself(text)

    @staticmethod
    def _itself(text: str) -> Value:
        return Value.fact(FactKind.COMMAND, text, f"${{{{ {text} }}}}")

    def _term(self, items: Sequence[Item]) -> Value | None:
        if not items:
            return None
        first, *rest = items
        if isinstance(first, Group):
            value = self.value(first.items) if first.opening == "(" else None
        elif first.kind == "string":
            value = self.string(first)
        elif first.kind == "number":
            value = Value.constant(first.text)
        elif first.text == "sh" and rest:
            value, rest = self._printed(rest[0]), rest[1:]
        elif first.text in ("env", "params") and len(rest) > 1 and _is_dot(rest[0]):
            name = getattr(rest[1], "text", "")
            value, rest = self._named(first.text, name), rest[2:]
        elif first.kind == "name":
            value = self._named("", first.text)
        else:
            return None
        return self._methods(value, rest)

    def _named(self, owner: str, name: str) -> Value:
        if owner == "params":
            return self._itself(f"params.{name}")
        if not owner and name in self.names:
            return self.names[name]
        if name in self.environment:
            return self.environment[name]
        if owner:
            return Value.fact(FactKind.VARIABLE, name, f"${{{name}}}")
        return Value.fact(FactKind.VARIABLE, name, f"${{{{ {name} }}}}")

    def _printed(self, given: Item) -> Value | None:
        """`sh(script: '…', returnStdout: true)`."""
        named = dict(arguments(given)) if isinstance(given, Group) else {}
        script = named.get("script", ())
        if "returnStdout" not in named or len(script) != 1 or not isinstance(script[0], Token):
            return None
        text = self.script(script[0])
        variables = Variables(self.environment, printed_by, self.text_value)
        return printed_by(Substitution(text, 1, False, f"$({text})"), variables)

    def _methods(self, value: Value | None, rest: Sequence[Item]) -> Value | None:
        """`.take(7)`, `[0..6]` and others that change a value in a way that is known here."""
        at = 0
        while value is not None and at < len(rest):
            one = rest[at]
            if isinstance(one, Group) and one.opening == "[":
                value = self._sliced(value, one)
                at += 1
                continue
            call = rest[at : at + 3]
            if len(call) < 3 or not _is_dot(call[0]) or not isinstance(call[2], Group):
                return None
            given = [self.value(items).text for _, items in arguments(call[2])]
            value = _method(value, getattr(call[1], "text", ""), given)
            at += 3
        return value

    @staticmethod
    def _sliced(value: Value, group: Group) -> Value | None:
        """`[0..6]`."""
        texts = [getattr(one, "text", "") for one in group.items]
        if len(texts) == 3 and texts[:2] == ["0", ".."] and texts[2].isdigit():
            return _shortened(value, int(texts[2]) + 1)
        return None


def _method(value: Value, name: str, given: Sequence[str | None]) -> Value | None:
    if name in _NO_CHANGE and not given:
        return value
    is_count = name == "take" and len(given) == 1
    if is_count or (name in ("substring", "getAt") and len(given) == 2 and given[0] == "0"):
        count = given[-1] or ""
        return _shortened(value, int(count)) if count.isdigit() else None
    if name in ("replace", "replaceAll") and given == ["/", "-"]:
        if value.text is not None:
            return Value.constant(value.text.replace("/", "-"))
        return value if value.only and value.only.kind in _REFS else None
    if name == "toLowerCase" and value.text is not None:
        return Value.constant(value.text.lower())
    return None


def _shortened(value: Value, count: int) -> Value | None:
    """Its first characters. The text stays that of the whole value; `detail` says how many are meant."""
    text = value.only.text if value.only else ""
    if found := _VARIABLE.fullmatch(text):
        text = f"${{{{ env.{found[1]} }}}}"
    return first_characters(value, count, text if text.startswith("${{ ") else "")


def _is_dot(item: Item) -> bool:
    return isinstance(item, Token) and item.is_operator(".", "?.")


def _by_name(value: Value, text: str, name: str) -> Value:
    """What a command prints is said by the variable that holds it: it is not run again."""
    if any(fact.kind is FactKind.COMMAND for fact in value.facts):
        return Value((Fact(FactKind.VARIABLE, name, text),))
    return value
