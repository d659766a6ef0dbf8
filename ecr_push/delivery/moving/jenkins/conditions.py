"""`if (…)` and `when {…}` of a Jenkinsfile. A condition's text is `${{ expression }}`, in Groovy."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.jenkins.evaluate import Scope
from ecr_push.delivery.moving.jenkins.groovy import GroovyError, Token
from ecr_push.delivery.moving.jenkins.tree import Group, Statement, parse
from ecr_push.delivery.moving.shell.operations import Condition
from ecr_push.delivery.moving.values import Fact, FactKind


def condition_of(text: str, scope: Scope) -> Condition:
    """The condition of an `if`."""
    expression = " ".join(text.split())
    found = Condition(f"${{{{ {expression} }}}}")
    try:
        statements = parse(expression)
    except GroovyError:
        return found
    items = statements[0].items if len(statements) == 1 else ()
    for number, one in enumerate(items):
        if isinstance(one, Token) and one.is_operator("==", "!=") and 0 < number < len(items) - 1:
            inner = Scope(expression, scope.environment)
            inner.names = scope.names
            left, right = inner.value(items[:number]), inner.value(items[number + 1 :])
            return Condition(found.text, left, right, one.text == "==")
    return found


def when_condition(stage: Group, text: str) -> Condition | None:
    """That of a stage's `when`; None where it has none."""
    for statement in stage.statements:
        block = statement.block()
        if statement.word(0) == "when" and block:
            expressions = [_when(one, text) for one in block.statements]
            return Condition(f"${{{{ {' && '.join(filter(None, expressions)) or _UNKNOWN} }}}}")
    return None


_VARIABLE = lazy_regex(r"\$\{?([A-Za-z_]\w*)\}?")
_UNKNOWN = "a condition of when"  # of a condition that has no expression; it holds where its stage runs


def _when(statement: Statement, text: str) -> str:
    name, block = statement.word(0), statement.block()
    given = next(
        (one for one in statement.items[1:] if isinstance(one, Token) and one.kind == "string"), None
    )
    value = "".join(part for part in given.parts if isinstance(part, str)) if given else ""
    if name == "branch" and given and not set(value) & set("*?"):
        return f"env.BRANCH_NAME == '{value}'"
    if name == "buildingTag" or (name == "tag" and value in ("*", "**")):
        return "env.TAG_NAME"
    if name == "expression" and block:
        return f"({' '.join(text[block.begin + 1 : block.end - 1].removeprefix('return').split())})"
    if name in ("not", "anyOf", "allOf") and block:
        inner = [_when(one, text) for one in block.statements]
        joined = (" || " if name == "anyOf" else " && ").join(inner)
        return (f"!({joined})" if name == "not" else f"({joined})") if all(inner) else ""
    return ""


def enable(conditions: Sequence[Condition]) -> Fact | None:
    """What `enable=` is where the conditions hold; None for one that no expression says."""
    text = _all(conditions)
    return Fact(FactKind.COMMAND, text, f"${{{{ {text} ? 'true' : 'false' }}}}") if text else None


def push(alternatives: Sequence[Sequence[Condition]]) -> Fact | None:
    """The option `push`, an expression."""
    texts = [_all(one) for one in alternatives]
    if not all(texts):
        return None
    text = " || ".join(f"({one})" for one in texts) if len(texts) > 1 else texts[0]
    return Fact(FactKind.COMMAND, text, f"${{{{ {text} }}}}")


def _all(conditions: Sequence[Condition]) -> str:
    expressions = [_groovy(one) for one in conditions]
    if not all(expressions) or _UNKNOWN in expressions:
        return ""
    return " && ".join(f"({one})" for one in expressions) if len(expressions) > 1 else expressions[0]


def _groovy(condition: Condition) -> str:
    """A condition as an expression; "" for one that has none."""
    text = condition.text
    if text.startswith("${{ "):
        return text[4:-3]
    left, right = condition.left, condition.right
    variable = _VARIABLE.fullmatch(left.only.text) if left and left.only else None
    if variable and right and right.text:
        sign = "==" if condition.holds else "!="
        return f"env.{variable[1]} {sign} '{right.text}'"
    if "\n" in text:
        return ""
    script = f"if {text}; then exit 0; else exit 1; fi".replace("\\", "\\\\").replace("'", "\\'")
    return f"sh(script: '{script}', returnStatus: true) == 0"
