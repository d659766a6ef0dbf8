"""Reads from a file who may do what: `pull: [111122223333, org:o-a1b2c3d4e5]`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecr_push.base.place import Place
from ecr_push.base.yaml_tree import Mapping as YamlMapping
from ecr_push.base.yaml_tree import Node
from ecr_push.upkeep.file import MistakesError
from ecr_push.upkeep.policies.model import CODEBUILD, LAMBDA, PATTERN, REGISTRY_VERBS, Grant, Who
from ecr_push.upkeep.policies.principals import parse_principal

NONE = "none"


def read_grants(node: Node, verb: str, place: Callable[[], Place], verbs: Sequence[str]) -> tuple[Grant, ...]:
    """What a value says: `none`, one principal, or a list of them. Raises MistakesError with every mistake.

    verb: the key of the value. place: the registry's, which is asked for where a value needs it.
    verbs: REPOSITORY_VERBS, or REGISTRY_VERBS, where a principal may end with `on PATTERN`.
    """
    items = node.value if isinstance(node.value, tuple) else (node,)
    if items == (node,) and node.value == NONE:
        return ()
    problems: list[tuple[int, str]] = []
    found: dict[Grant, None] = {}
    for one in items:
        try:
            found[_grant(_text(one), verb, place, verbs)] = None
        except ValueError as error:
            problems.append((one.line, str(error)))
    if problems:
        raise MistakesError(problems)
    return tuple(found)


def _text(node: Node) -> str:
    if isinstance(node.value, str) and node.value.strip():
        return node.value.strip()
    if isinstance(node.value, YamlMapping) and len(node.value.entries) == 1:
        [entry] = node.value.entries
        if isinstance(entry.node.value, str):
            name, value = entry.name, entry.node.value
            raise ValueError(f"'{name}: {value}' is a map in YAML: write {name}:{value}, without a space")
    raise ValueError("expected a principal, not a list, a map or nothing")


def _grant(text: str, verb: str, place: Callable[[], Place], verbs: Sequence[str]) -> Grant:
    words, on, pattern = text.partition(" on ")
    pattern = pattern.strip()
    if on and verbs != REGISTRY_VERBS:
        raise ValueError(f"{text!r}: `on` belongs in the registry's policy; this one is of one repository")
    if on and not PATTERN.fullmatch(pattern):
        raise ValueError(f"{text!r}: {pattern!r} is not a pattern of names: expected a-z, 0-9, ._/- and *")
    who = parse_principal(words.strip(), place)
    if refusal := _refusal(verb, who, is_registry=verbs == REGISTRY_VERBS):
        raise ValueError(f"{words!r}: {refusal}")
    return Grant(verb, who, pattern) if on else Grant(verb, who)


def _refusal(verb: str, who: Who, *, is_registry: bool) -> str:
    """Why a principal cannot have this; "" if it can."""
    if who.is_everyone and (is_registry or verb != "pull"):
        return "nothing but pulls from one repository may be open to the world"
    if verb == "push" and who.name == CODEBUILD:
        return "CodeBuild pushes with the service role of the project: name its ARN"
    if verb == "push" and who.name == LAMBDA:
        return "Lambda does not push: name the role that does"
    if verb == "replicate-from" and (who.kind != "AWS" or not who.words.isdigit()):
        return "images are replicated from an account: expected 12 digits"
    if verb == "pull-through" and who.name == LAMBDA:
        return "Lambda does not pull through a cache rule: it needs the image in a repository"
    return ""
