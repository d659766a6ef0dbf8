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
    from ecr_push.upkeep.model import WantedRepositories

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
    help="What `repository plan` and `apply` keep, or `registry plan` and `apply`.  "
    "[default: ecr-repositories.yml, and all settings of a registry]",
)
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
    principal: str,
) -> int:
    """Print the policy with the least that a command needs with these settings: a statement a step, each on
    exactly its resources. Asks nothing of AWS.

    Takes the options of run. What AWS alone knows, such as the account's number, is an expression in
    Terraform and CloudFormation, and a word to replace in JSON.
    """
    from ecr_push.base.iam.write import left_open, write
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.pipeline.permissions.commands import permissions_of
    from ecr_push.pipeline.permissions.wish import Wish

    name, problems = _command(wanted)
    service = str(call.flags.get("deploy_for", ""))
    if _command(service)[1] == []:  # what a user would guess
        _refuse([f"--for names the service that runs the image: give --command {service}"])
    settings = read_all_settings(call, "iam policy", problems)
    problems = list(_missing(name, settings, pattern))
    _refuse(problems)
    region = call.environ.get("AWS_REGION") or call.environ.get("AWS_DEFAULT_REGION", "")
    wish = Wish(
        name,
        settings,
        region=region,
        scans=scan_type,
        pattern=pattern or "",
        objects=_objects(settings),
        wanted=_wanted(name, file, settings.registry.repositories, settings.registry.region or region),
        **_sections(name, file, settings, region),
    )
    found = permissions_of(wish)
    statements = _chosen(found, principal)
    if not statements:
        _refuse([f"`{name}` needs no permission with these settings"])
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
    if name in COMMANDS:
        return "run", [f"--command {wanted!r}: `{name}` makes no call of AWS that needs a permission"]
    known = ", ".join(commands())
    return "run", [f"--command {wanted!r} is not a command: expected {known}{did_you_mean(name, commands())}"]


def _missing(name: str, settings: Settings, pattern: str | None) -> Sequence[str]:
    if pattern and not _PATTERN.fullmatch(pattern):
        return (f"--pattern {pattern!r} is not a pattern of repositories: expected one such as team/*",)
    needs_none = name.startswith(("repository ", "registry ")) or name in ("login", "gate", "copy", "costs")
    if settings.registry.repository or pattern or needs_none:
        return ()
    return ("--repository is required: its name, such as team/app; or --pattern for several, such as team/*",)


def _refuse(problems: Sequence[str]) -> None:
    from ecr_push.base.errors import SettingsError

    if problems:
        raise SettingsError(problems)


def _objects(settings: Settings) -> Sequence[str]:
    """What the policy for findings is made of in S3; raises SettingsError for a policy that is not valid."""
    from ecr_push.base.fences import Fences
    from ecr_push.policy.load import load_policy

    found: list[str] = []

    def note(url: str, _: int) -> bytes:
        found.append(url)
        return b"{}"

    load_policy(settings.policy, note, Fences.of(settings.source.context))
    return tuple(dict.fromkeys(found))


def _wanted(name: str, file: str | None, created_as: str, region: str) -> WantedRepositories | None:
    from pathlib import Path

    from ecr_push.cli.repositories import FILE
    from ecr_push.upkeep.read import read_repositories

    read = (file or FILE) if name in ("repository plan", "repository apply") else created_as
    return read_repositories(Path(read), lambda: region) if read else None


def _sections(name: str, file: str | None, settings: Settings, region: str) -> Mapping[str, Sequence[str]]:
    """The kinds of settings in a registry's file; without one, all of them."""
    from pathlib import Path

    from ecr_push.base.place import Place
    from ecr_push.upkeep.registry.read import read_registry_file

    if name not in ("registry plan", "registry apply") or not file:
        return {}
    place = Place(settings.registry.region or region, settings.registry.registry_id)
    found = read_registry_file(Path(file), place)
    _refuse(found.problems)
    return {"sections": tuple(found.sections)}


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
