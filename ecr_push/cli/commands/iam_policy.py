"""`ecr-push iam policy`: the least that a role needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from ecr_push.base.regex import lazy_regex
from ecr_push.cli.call import Call
from ecr_push.cli.iam import form_option, print_policy
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.base.iam.allow_statement import AllowStatement
    from ecr_push.base.iam.write import Format
    from ecr_push.pipeline.permissions.wish import Scans, Wish
    from ecr_push.settings.declare import Settings

EXAMPLES = (
    ("What a run of this directory needs, as JSON", "ecr-push iam policy -r team/shop --region eu-west-1"),
    (
        "What a job needs that only releases, as Terraform",
        "ecr-push iam policy --command promote -r team/shop --output terraform",
    ),
    (
        "What keeps the repositories of a file needs",
        "ecr-push iam policy --command 'repository apply' --file ecr-repositories.yml",
    ),
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, without white space
_MOST_CHARACTERS = 6_144
_WITHOUT_REPOSITORY = (
    "login",
    "gate",
    "policy show",
    "policy exceptions",
    "copy",
    "mirror",
    "costs",
    "status",
)
# What these ask for, ECR Public has not.
_PRIVATE_ALONE = (
    *("prune", "lifecycle test", "status", "costs"),
    *("repository show", "repository export", "repository may"),
)
# Which repository or registry it is about: some commands are given that by an argument.
_WHERE = {"context", "repository", "region", "registry_id", "profile", "role", "role_to_assume"}
_WITH_FILE = (
    *("repository plan", "repository apply", "repository export", "registry plan", "registry apply"),
    "mirror",
)
_PATTERN = lazy_regex(r"[a-z0-9*]([a-z0-9._/*-]*[a-z0-9*])?")


@command("iam policy", EXAMPLES)
@click.option(
    "--command",
    "wanted",
    default="run",
    show_default=True,
    metavar="COMMAND",
    help="The command that is to be allowed, such as promote or 'repository apply'.",
)
@form_option
@click.option(
    "--scan-type",
    type=click.Choice(["basic", "enhanced", "either"]),
    default="either",
    show_default=True,
    help="How the registry scans: each kind needs other permissions.",
)
@click.option(
    "--pattern", metavar="PATTERN", help="Repositories such as team/*, in place of the one of --repository."
)
@click.option(
    "--file",
    metavar="FILE",
    help="File that `repository plan`, `apply` or `export`, `registry plan` or `apply`, or `mirror` reads.  "
    "[default: ecr-repositories.yml, all settings of a registry, ecr-mirror.yml]",
)
@click.option("--judge", is_flag=True, help="For `copy --judge` and `mirror --judge`.")
@click.option(
    "--of",
    "principal",
    default="",
    metavar="ROLE",
    help="Whose policy it is, where several work: a role's ARN, 'profile NAME', or caller.  "
    "[default: who works in the repository]",
)
def iam_policy(
    call: Call,
    wanted: str,
    form: Format,
    scan_type: Scans,
    pattern: str | None,
    file: str | None,
    judge: bool,
    principal: str,
) -> int:
    """Print the policy with the least that a command needs with these settings: a statement a step, each on
    exactly its resources. Asks nothing of AWS.

    Takes the options of run. What AWS alone knows, such as the account's number, is an expression in
    Terraform and CloudFormation, and a word to replace in JSON.
    """
    from ecr_push.base.iam.write import left_open, write
    from ecr_push.base.option import VERIFYING
    from ecr_push.cli.commands.mirror import FILE as MIRROR_FILE
    from ecr_push.cli.iam_wish import Question, wish_of
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.pipeline.permissions.commands import permissions_of

    name, problems = _command(wanted)
    service = str(call.flags.get("deploy_for", ""))
    if _command(service)[1] == []:  # what a user would guess
        _refuse([f"--for names the service that runs the image: give --command {service}"])
    settings = read_all_settings(call, "iam policy", problems)
    problems = list(_missing(name, settings, pattern))
    if judge and name not in ("copy", "mirror"):
        problems.append(f"--judge: `{name}` has no such option; give it with --command copy or mirror")
    problems += _not_taken(name, call)
    if settings.signing.sign_key and not settings.signing.sign and name not in VERIFYING:
        problems.append("--sign-key: is for --sign cosign: give that too")
    if file and name not in _WITH_FILE:
        problems.append(f"--file: `{name}` reads none; {', '.join(_WITH_FILE)} do")
    elif file and pattern:
        problems.append("--file: has no effect beside --pattern")
    _refuse(problems)
    region = call.environ.get("AWS_REGION") or call.environ.get("AWS_DEFAULT_REGION", "")
    file = file or (MIRROR_FILE if name == "mirror" else "")
    wish = wish_of(Question(name, scan_type, pattern or "", file, judge), settings, region)
    found = permissions_of(wish)
    statements = _chosen(found, principal)
    if not statements:
        _refuse([f"`{name}` needs no permission with these settings: its role needs no policy"])
    notes = _notes(found, statements, wish, left_open(statements) if form == "json" else ())
    print_policy(write(statements, form, f"ecr-push-{name.replace(' ', '-')}"), notes, call)
    return 0


def _command(wanted: str) -> tuple[str, list[str]]:
    """The name of a command that needs permissions, or what is wrong with it."""
    from ecr_push.base.suggest import did_you_mean
    from ecr_push.cli.commands import COMMANDS
    from ecr_push.pipeline.permissions.commands import commands

    name = " ".join(wanted.replace("-", " ").split())
    if name in commands():
        return name, []
    if several := [one for one in COMMANDS if one.startswith(f"{name} ")]:
        return "run", [f"--command {wanted!r} stands for several commands: give one of {', '.join(several)}"]
    if name in COMMANDS:
        why = f"`{name}` makes no call of AWS that needs a permission: its role needs no policy"
        return "run", [f"--command {wanted!r}: {why}"]
    known = ", ".join(commands())
    return "run", [f"--command {wanted!r} is not a command: expected {known}{did_you_mean(name, commands())}"]


def _missing(name: str, settings: Settings, pattern: str | None) -> Sequence[str]:
    from ecr_push.registry.options import target_of

    if pattern and not _PATTERN.fullmatch(pattern):
        return (f"--pattern {pattern!r} is not a pattern of repositories: expected one such as team/*",)
    if name in _PRIVATE_ALONE and target_of(settings.registry).public:
        return (f"--repository: is one of ECR Public, which `{name}` does not look at",)
    needs_none = name.startswith(("repository ", "registry ")) or name in _WITHOUT_REPOSITORY
    if settings.registry.repository or pattern or needs_none:
        return ()
    return ("--repository is required: its name, such as team/app; or --pattern for several, such as team/*",)


def _not_taken(name: str, call: Call) -> Sequence[str]:
    """Flags that the command does not have: they would add nothing, and be missed later."""
    from ecr_push.settings.declare import flag, options

    taken = {one.name for one in options(name)} | _WHERE
    given = call.flags.keys() - taken
    return [f"{flag(one)}: `{name}` has no such option" for one in options("iam policy") if one.name in given]


def _refuse(problems: Sequence[str]) -> None:
    from ecr_push.base.errors import SettingsError

    if problems:
        raise SettingsError(problems)


def _chosen(found: Mapping[str, tuple[AllowStatement, ...]], principal: str) -> tuple[AllowStatement, ...]:
    from ecr_push.base.suggest import did_you_mean

    if principal and principal not in found:
        known = ", ".join(map(repr, found))
        _refuse([f"--of {principal!r} has no part in it: expected {known}{did_you_mean(principal, found)}"])
    return found[principal or next(iter(found))]


def _notes(
    found: Mapping[str, tuple[AllowStatement, ...]],
    statements: Sequence[AllowStatement],
    wish: Wish,
    words: Sequence[str],
) -> Sequence[str]:
    """What the policy itself does not say."""
    import json
    from shlex import quote

    from ecr_push.base.iam.allow_statement import policy_of

    notes = []
    if words:
        notes.append(f"replace {' and '.join(words)}; --region and --registry-id give those of the registry")
    if len(found) > 1:
        others = ", ".join(f"--of {quote(who)}" for who, its in found.items() if its != statements)
        notes.append(f"others need policies of their own: {others}")
    if wish.settings.registry.registry_id:
        notes.append(
            f"where the role is not of account {wish.settings.registry.registry_id}, the repository's policy "
            "has to allow it, too"
        )
    size = len(json.dumps(policy_of(statements), separators=(",", ":")))
    if size > _MOST_CHARACTERS:
        notes.append(f"warning: it has {size:,} characters, a managed policy at most {_MOST_CHARACTERS:,}")
    return notes
