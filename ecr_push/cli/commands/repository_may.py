"""`ecr-push repository may`: says whether a principal would be allowed to do something, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.pipeline.try_access import AccessTrial
    from ecr_push.settings.declare import Settings

_ROLE = "arn:aws:iam::111122223333:role/deploy"
EXAMPLES = (
    (
        "May a role of another account pull, if its own policies let it?",
        f"ecr-push repository may {_ROLE} pull team/shop --identity '*'",
    ),
    (
        "May this project's role push, by its policy in IAM?",
        "ecr-push repository may arn:aws:iam::123456789012:role/ci push team/shop --identity ci-policy.json",
    ),
    (
        "May a function pull, once the file is applied?",
        "ecr-push repository may lambda:111122223333/resize pull team/shop --planned ecr-repositories.yml",
    ),
    (
        "The same through a VPC endpoint",
        f"ecr-push repository may {_ROLE} pull team/shop --context aws:SourceVpce=vpce-1a2b3c4d",
    ),
)
_POLICY = "JSON, or what `aws iam get-role-policy` and `get-policy-version` print"


@command("repository may", EXAMPLES)
@click.argument("principal")
@click.argument("action")
@click.argument("name", metavar="[REPOSITORY]", default="", required=False)
@click.option(
    "--identity",
    multiple=True,
    metavar="FILE",
    help=f"One of the principal's own policies: {_POLICY}. '*' takes them to allow everything.",
)
@click.option("--boundary", multiple=True, metavar="FILE", help="Its permissions boundary.")
@click.option("--session", multiple=True, metavar="FILE", help="A policy of its session.")
@click.option(
    "--scp",
    "scps",
    multiple=True,
    metavar="FILE,…",
    help="Service control policies of one level of the organisation: of its root, of a unit, of the account.",
)
@click.option(
    "--context",
    multiple=True,
    metavar="KEY=VALUE",
    help="What the request has for a condition; again for several values. KEY= for a key that it lacks.",
)
@click.option(
    "--planned",
    default="",
    metavar="FILE",
    help="Take the repository's policy as this file of repositories would make it.",
)
@click.option(
    "--planned-registry",
    default="",
    metavar="FILE",
    help="Take the registry's policy as this file of a registry would make it.",
)
def repository_may(
    call: Call,
    principal: str,
    action: str,
    name: str,
    identity: tuple[str, ...],
    boundary: tuple[str, ...],
    session: tuple[str, ...],
    scps: tuple[str, ...],
    context: tuple[str, ...],
    planned: str,
    planned_registry: str,
) -> int:
    """Say whether PRINCIPAL may do ACTION with REPOSITORY, call by call, and which statement decides.

    PRINCIPAL is the ARN of a role, a user or a session, an account, a service, lambda:ACCOUNT/FUNCTION or
    codebuild:ACCOUNT/PROJECT. ACTION is pull, push or delete, or an action of ECR such as PutImage.

    What is not known is never taken as allowed: conditions, and the principal's own policies, unless they
    are given. Ends with 0 if it may, with 10 if it may not or if that depends on something. Changes nothing.
    """
    from ecr_push.base.errors import ACCEPTED, REFUSED
    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.answer import print_answer
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.try_access import AccessQuestion, try_access

    settings = _settings(call, name)
    question = AccessQuestion(
        principal, action, identity, boundary, session, scps, context, planned, planned_registry
    )
    with open_world(settings, read_facts(call.environ), call) as tools:
        trial = try_access(question, settings, tools)
        tools.narrator.close()
    print_answer(lambda: _lines(trial, question.action), lambda: _document(trial), settings, call)
    return ACCEPTED if trial.verdict == "yes" else REFUSED


def _settings(call: Call, name: str) -> Settings:
    from ecr_push.base.errors import SettingsError
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.registry.options import target_of

    wrong = []
    if name and "repository" in call.flags:
        wrong.append("REPOSITORY: is given by --repository, too")
    elif name:
        call.flags["repository"] = name
    settings = read_all_settings(call, "repository may", wrong)
    if not settings.registry.repository:
        raise SettingsError(["REPOSITORY: is needed"])
    if target_of(settings.registry).public:
        raise SettingsError(["REPOSITORY: is one of ECR Public, from which everyone pulls"])
    return settings


def _lines(trial: AccessTrial, action: str) -> Iterator[str]:
    verdict = {"depends": "it depends"}.get(trial.verdict, trial.verdict)
    yield f"May {trial.subject.words} {action} {trial.repository} of {trial.place.account}? {verdict}"
    width = max(len(one.action) for one in trial.answers)
    for one in trial.answers:
        yield f"  {one.verdict:<7}  {one.action:<{width}}  {one.why}"
    for remedy in dict.fromkeys(_remedies(trial, action)):
        yield f"  -> {remedy}"
    if trial.left_out and trial.verdict != "no":
        yield f"Not looked at: {', '.join(trial.left_out)}"


def _remedies(trial: AccessTrial, action: str) -> Iterator[str]:
    from ecr_push.upkeep.access import key
    from ecr_push.upkeep.access.answer import ITS_OWN, OF_REGISTRY, OF_REPOSITORY, VERSION

    needs = {
        OF_REPOSITORY: "ecr:GetRepositoryPolicy",
        OF_REGISTRY: "ecr:GetRegistryPolicy",
        VERSION: "ecr:GetAccountSetting",
        key.STATE: "kms:DescribeKey",
    }
    of_key = {
        key.GRANTS: "`aws kms list-grants` shows whether one names the repository in aws:ecr:arn, and allows "
        "Decrypt and GenerateDataKey: none was found, or they could not be read, with kms:ListGrants",
        key.POLICY: "it denies, be it to others, or could not be read, with kms:GetKeyPolicy",
    }
    for one in trial.answers:
        if one.lacking == "resource-based policy" and action in ("pull", "push"):
            yield f"to let it in: `{action}` of {trial.repository} in ecr-repositories.yml"
        elif one.lacking == "identity-based policy":
            yield f"to let it: {one.action} in a policy of its own"
        elif one.lacking == key.LACKS_KEY:
            yield "`aws kms enable-key` enables a key, `aws kms cancel-key-deletion` keeps it"
        for name in one.depends_on:
            if name == ITS_OWN:
                yield "--identity FILE gives its own policies, --identity '*' takes them to allow everything"
            elif name in needs:
                yield f"{name} could not be read: ask with credentials that have {needs[name]}"
            elif name in of_key:
                yield f"{name}: {of_key[name]}"
            else:
                yield f"--context {name}=VALUE says what the request has"


def _document(trial: AccessTrial) -> dict[str, Any]:
    return {
        "principal": trial.subject.words,
        "repository": trial.repository,
        "account": trial.place.account,
        "region": trial.place.region,
        "verdict": trial.verdict,
        "calls": [
            {
                "action": one.action,
                "resource": one.resource,
                "verdict": one.verdict,
                "why": one.why,
                "statements": list(one.by),
                "dependsOn": list(one.depends_on),
            }
            for one in trial.answers
        ],
        "notLookedAt": list(trial.left_out),
    }
