"""No command, and no option that adds a statement, is forgotten: a test runs each under its policy."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from itertools import chain
from typing import Any

import pytest

from ecr_push.cli.commands import COMMANDS
from ecr_push.pipeline.permissions.commands import commands, permissions_of
from ecr_push.pipeline.permissions.wish import Wish
from ecr_push.settings.declare import flag, options
from tests.support import held_policies
from tests.support.everything import EVERYTHING, PLACE, ROLE
from tests.support.held_policies import HELD
from tests.support.paths import ROOT
from tests.support.settings import settings

# Of `iam policy` itself: what a command does beside its settings.
OWN = {("copy", "--judge"), ("mirror", "--judge")}
# These say where and what, and change no more of a statement than names.
NAMES = {"repository", "region", "registry_id", "role_to_assume", "image", "parts"}
# These call nothing of AWS that needs a permission.
NOTHING = {"gate", "tags", "sandbox", "schema", "policy", "repository", "registry", "lifecycle", "iam"}
NOTHING |= {"deploy", "init", "completion", "help", "version", "iam policy", "iam trust"}


class Reading:
    """Settings that note which of their options were read."""

    def __init__(self, settings: Any, seen: set[str]) -> None:
        self._of, self._seen = settings, seen

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._of, name)
        if hasattr(found, "__dataclass_fields__"):
            return Reading(found, self._seen)
        self._seen.add(name)
        return found


# A statement in parts: its name, an action, a resource and the conditions. Accounts are left open.
Part = tuple[str, str, str, str]


def granted(command: str, given: Mapping[str, Any]) -> set[Part]:
    found = permissions_of(Wish(command, settings(**PLACE, **given)))
    return {
        (one.sid.rstrip("0123456789"), action, _open(resource), _open(repr(one.conditions)))
        for statements in found.values()
        for one in statements
        for action in one.actions
        for resource in one.resources
    }


def _open(text: str) -> str:
    return re.sub(r":([0-9]{12}|\{account\}):", ":ACCOUNT:", text)


def added(command: str) -> dict[str, set[Part]]:
    """What each option adds to what a command is granted, alone or beside all others, by its flag."""
    taken = {one.name: flag(one) for one in options(command) if one.name in EVERYTHING}
    everything = {name: EVERYTHING[name] for name in taken}
    nothing, all_of_it = granted(command, {}), granted(command, everything)
    found = {}
    for name, its_flag in taken.items():
        others = {key: one for key, one in everything.items() if key != name}
        parts = granted(command, {name: EVERYTHING[name]}) - nothing | all_of_it - granted(command, others)
        if parts:
            found[its_flag] = parts
    return found


def test_each_command_and_each_option_of_it_is_run_under_its_policy() -> None:
    """An option of a command may be left out where another command is run with it, and all that it adds is
    the same."""
    by_command = {command: added(command) for command in commands()}
    adding = {(command, of): parts for command, found in by_command.items() for of, parts in found.items()}
    run = {
        of: set().union(*(parts for pair, parts in adding.items() if pair[1] == of and pair in HELD))
        for _, of in adding
    }
    needed = {(command, "") for command in set(commands()) - NOTHING} | OWN
    missing = dict.fromkeys(needed - HELD.keys(), "")
    missing |= {
        pair: str(sorted(parts - run[pair[1]])) for pair, parts in adding.items() if parts - run[pair[1]]
    }
    assert not missing, f"run it under its policy, and name the test in held_policies.py: {missing}"
    assert not HELD.keys() - needed - adding.keys(), (
        f"these add nothing: {HELD.keys() - needed - adding.keys()}"
    )
    assert not set(COMMANDS) - set(commands()) - NOTHING, "its statements belong into permissions/commands.py"


def test_each_option_that_is_read_has_a_value_here() -> None:
    seen = set[str]()
    for command in commands():
        for repository in ("team/app", "public.ecr.aws/acme/app"):
            read = Reading(settings(**{**PLACE, **EVERYTHING, "repository": repository}), seen)
            permissions_of(Wish(command, read))  # type: ignore[arg-type]
    assert not seen - EVERYTHING.keys() - NAMES, "give it a value in tests/support/everything.py"


@pytest.mark.parametrize("test", sorted({*chain(*HELD.values())}))
def test_the_tests_are_there(test: str) -> None:
    file, _, name = test.partition("::")
    parsed = ast.parse((ROOT / "tests" / "integration" / file).read_text())
    functions = {one.name for one in parsed.body if isinstance(one, ast.FunctionDef)}
    assert name.partition("[")[0] in functions


def test_what_a_test_stands_for_has_to_be_enforced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_policies, "enforced", set())
    [test] = [name.partition("::")[2] for name in HELD["deploy ecs", ""]]
    assert "deploy ecs" in held_policies.not_enforced(test)
    held_policies.note_enforced(("--command", "scan", "--task-definition", "t"))
    held_policies.note_enforced(("--command", "deploy ecs", "--service", "s", "--cluster", "c"))
    assert held_policies.not_enforced(test) == ["deploy ecs --task-definition"]
    held_policies.note_enforced(("app", "--to", ROLE))
    assert {("run", ""), ("run", "--to")} <= held_policies.enforced
