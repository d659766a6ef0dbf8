"""What `$(…)` stands for: the commands that give CI files the commit, the branch, the date, a version."""

from __future__ import annotations

import re
from functools import cache

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.shell.expand import Variables, first_characters, without_prefix
from ecr_push.delivery.moving.shell.nodes import Node, Pipeline, Simple
from ecr_push.delivery.moving.shell.script import parse
from ecr_push.delivery.moving.shell.words import Substitution
from ecr_push.delivery.moving.values import Fact, FactKind, Value

# A command line, whose words are separated by one blank -> what it prints; a group is the fact's detail.
_COMMANDS: tuple[tuple[str, FactKind, str], ...] = (
    (r"git rev-parse (?:--verify )?HEAD", FactKind.SHA, ""),
    (r"git rev-parse --short=([0-9]+)(?: --verify)? HEAD", FactKind.SHA, ""),
    # git takes more digits where seven are not unique.
    (r"git rev-parse (?:--verify )?--short(?: --verify)? HEAD", FactKind.SHA, "7"),
    (r"git (?:log|show) .*--(?:pretty|format)=(?:format:)?'?%h'?(?: .*)?", FactKind.SHA, "7"),
    (r"git (?:log|show) .*--(?:pretty|format)=(?:format:)?'?%H'?(?: .*)?", FactKind.SHA, ""),
    (r"git rev-parse --abbrev-ref HEAD", FactKind.BRANCH, ""),
    (r"git branch --show-current", FactKind.BRANCH, ""),
    (r"git symbolic-ref (?:-q )?--short (?:-q )?HEAD", FactKind.BRANCH, ""),
    (r"date (?:-u |--utc )?\+(.+)", FactKind.DATE, ""),
    (r"aws sts get-caller-identity .*Account.*", FactKind.ACCOUNT, ""),
    (r"aws configure get region.*", FactKind.REGION, ""),
    (r"cat (\S*(?i:version)\S*)", FactKind.VERSION, ""),
    (r"jq (?:-r|--raw-output) \.version (\S+)", FactKind.VERSION, ""),
    (r"node (?:-p|--print|-pe) .*package\.json.*\.version\b.*", FactKind.VERSION, "package.json"),
    (r"npm pkg get version", FactKind.VERSION, "package.json"),
    (r"poetry version (?:-s|--short)", FactKind.VERSION, "pyproject.toml"),
    (r"(?:\S*/)?mvnw? .*project\.version.*", FactKind.VERSION, "pom.xml"),
)  # fmt: skip
_CUT = lazy_regex(r"cut (?:-c ?|--characters=)1?-([0-9]+)|head (?:-c ?|--bytes=)([0-9]+)")
_SLASHES = lazy_regex(r"tr / -|sed (?:-e )?s(?:/\\/|([,|#@:])/\1)(?:/-/|-\1)g")
_WITHOUT_V = lazy_regex(r"sed (?:-E |-e )*s/\^v//|tr -d v")
_NO_CHANGE = lazy_regex(r"tr -d (?:\\n|\\r|'\\n'|\n|\"|\\\"|\[:space:\])|xargs|cat")


def printed_by(one: Substitution, variables: Variables) -> Value:
    """The value; where it is not one of those known here, a COMMAND with its text."""
    nodes = parse(one.script) if one.script else ()
    value = _printed(nodes[0], variables, one.text) if len(nodes) == 1 else None
    return Value.fact(FactKind.COMMAND, one.script.strip(), one.text) if value is None else value


def words_of(command: Simple, variables: Variables) -> list[Value]:
    return [field for word in command.words for field in variables.fields(word)]


def _printed(node: Node, variables: Variables, text: str) -> Value | None:
    if isinstance(node, Simple):
        return _of_simple(node, variables, text)
    if isinstance(node, Pipeline) and not node.negated:
        first, *filters = node.commands
        value = _printed(first, variables, text)
        for one in filters:
            if value is None or not isinstance(one, Simple):
                return None
            value = _filtered(value, one, variables, text)
        return value
    return None


def _of_simple(command: Simple, variables: Variables, text: str) -> Value | None:
    words = words_of(command, variables)
    if command.assignments or command.target or not words:
        return None
    name = words[0].text
    if name in ("echo", "printf"):
        return _echoed(name, words[1:])
    line = " ".join(word.text if word.text is not None else "\0" for word in words)
    for pattern, kind, detail in _commands():
        if found := pattern.fullmatch(line):
            return Value.fact(kind, found[1] if pattern.groups else detail, text)
    if line.startswith("aws ecr describe-repositories") and "repositoryUri" in line:
        return _address(words, text)
    return None


@cache
def _commands() -> tuple[tuple[re.Pattern[str], FactKind, str], ...]:
    return tuple((re.compile(pattern), kind, detail) for pattern, kind, detail in _COMMANDS)


def _echoed(name: str, words: list[Value]) -> Value | None:
    while words and words[0].text in ("-n", "-e", "--"):
        words = words[1:]
    if name == "printf" and len(words) == 2 and words[0].text in ("%s", "%s\\n"):
        words = words[1:]
    elif name == "printf" and not (len(words) == 1 and "%" not in (words[0].text or "%")):
        return None
    joined = Value()
    for number, word in enumerate(words):
        joined += Value.constant(" ") + word if number else word
    return joined


def _filtered(value: Value, command: Simple, variables: Variables, text: str) -> Value | None:
    words = words_of(command, variables)
    if any(word.text is None for word in words):
        return None
    line = " ".join(word.text or "" for word in words)
    if cut := _CUT.fullmatch(line):
        return first_characters(value, int(cut[1] or cut[2]), text)
    if _NO_CHANGE.fullmatch(line):
        return value
    is_ref = value.only and value.only.kind in (FactKind.BRANCH, FactKind.REF, FactKind.GIT_TAG)
    if _SLASHES.fullmatch(line) and (is_ref or value.text is not None):
        return value if is_ref else Value.constant((value.text or "").replace("/", "-"))
    if _WITHOUT_V.fullmatch(line):
        return without_prefix(value, "v", text)
    return None


def _address(words: list[Value], text: str) -> Value | None:
    """HOST/NAME, of a repository of the caller's own registry."""
    names = [word.text for word in words]
    if "--repository-names" not in names[:-1] or "--registry-id" in names:
        return None
    name = words[names.index("--repository-names") + 1]
    return Value.of((Fact(FactKind.REGISTRY, "", ""), "/", *name.parts))
