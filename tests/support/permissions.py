"""A principal with exactly one policy, at the sandbox; and whether it is neither too little nor too much."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any
from unittest.mock import patch

from ecr_push.cli.main import main
from ecr_push.sandbox.identity import ACCESS_KEY_ID
from ecr_push.sandbox.scenario import parse_scenario
from ecr_push.sandbox.server import Sandbox
from tests.support.command_line import CommandLine
from tests.support.gateway import Gateway
from tests.support.held_policies import note_enforced

Policy = Mapping[str, Any]
_PLACE = re.compile(r"Statement\[(\d+)\]")


class PrintedPolicy(dict[str, Any]):
    """argv: what it was asked for with."""

    argv: tuple[str, ...] = ()


def policy_for(cli: CommandLine, sandbox: Sandbox, *argv: object) -> PrintedPolicy:
    """What `ecr-push iam policy` prints, with the words that it leaves open replaced.

    In this process: it is asked some thirty times, and each start would take half a second.
    """
    out, err = io.StringIO(), io.StringIO()
    environ = patch.dict(os.environ, cli.environ, clear=True)
    with environ, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["iam", "policy", *map(str, argv)])
    assert code == 0, err.getvalue()
    options = sandbox.options
    text = out.getvalue().replace("ACCOUNT_ID", options.account).replace("REGION", options.region)
    document = PrintedPolicy(json.loads(text))
    document.argv = tuple(map(str, argv))
    return document


@contextmanager
def allowed(
    sandbox: Sandbox,
    policy: Policy,
    *,
    role: str = "",
    of_role: Policy | None = None,
    what: str = "it",
    others: Gateway | None = None,
    either: str = "",
    **scenario: Any,
) -> Iterator[None]:
    """The sandbox's usual key may do what a policy says; after that, nothing of it was missing or useless.

    role: which the key may assume, with a policy of its own. what: whose policy it is, for the failure.
    others: services that the sandbox does not have, under the same policy. scenario: the rest of its own.
    either: a resource that stands beside another one, of which each caller uses one.
    """
    user = f"arn:aws:iam::{sandbox.options.account}:user/ci"
    principals: list[dict[str, Any]] = [{"arn": user, "access-key": ACCESS_KEY_ID, "policies": [policy]}]
    if of_role:
        # The account as a whole: whether the key may assume it is then for the key's own policy to say.
        trusted = {"AWS": sandbox.options.account}
        trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted}]}
        principals.append({"arn": role, "policies": [of_role], "trust": trust})
    sandbox.faults.play(parse_scenario(json.dumps({**scenario, "iam": {"principals": principals}})))
    sandbox.guard.forget()
    for one in (policy, of_role):
        if isinstance(one, PrintedPolicy):
            note_enforced(one.argv)
    with others.enforcing(user, policy) if others else contextlib.nullcontext():
        yield
    used = sandbox.guard.used() + (others.used() if others else [])
    sandbox.faults.play(parse_scenario("{}"))
    for who, its in ((user, policy), (f":assumed-role/{role.rpartition('/')[2]}/", of_role)):
        of_it = [one for one in used if who in one["principal"]] if its else []
        wrong = [f"the policy lacks {one}" for one in missing(of_it, its or {})]
        wrong += [
            f"nothing used {one}" for one in useless(of_it, its or {}) if not (either and either in one)
        ]
        assert not wrong, f"{what}: {', '.join(wrong)}"


def missing(used: list[dict[str, Any]], policy: Policy) -> list[str]:
    """What was denied. A mount of another repository's layer is BuildKit's guess, which may fail."""
    ours = json.dumps(policy)
    return [
        f"{one['action']} on {one['resource']}"
        for one in used
        if one["effect"] != "allow"
        if one["action"] != "ecr:GetDownloadUrlForLayer" or one["resource"] in ours
    ]


def useless(used: list[dict[str, Any]], policy: Policy) -> list[str]:
    """Each action of a statement, and each of its resources, by which nothing was allowed."""
    found = [
        (int(place), one["action"], one["resource"])
        for one in used
        for title in one["statements"]
        if "policy of" in title  # not the role's trust
        for place in _PLACE.findall(title)
    ]
    wrong = []
    for place, statement in enumerate(policy.get("Statement", ())):
        by_it = [(action, resource) for number, action, resource in found if number == place]
        actions = {action for action, _ in by_it}
        wrong += [
            f"{one} in {statement['Sid']}" for one in _as_list(statement["Action"]) if one not in actions
        ]
        wrong += [
            f"{pattern} in {statement['Sid']}"
            for pattern in _as_list(statement["Resource"])
            if not any(fnmatchcase(resource, pattern) for _, resource in by_it)
        ]
    return wrong


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
