"""Every option, declared once: its name, type, default, help and the commands that take it.

The command line, `ECR_PUSH_*`, `ecr-push.yml`, the documentation's table and the JSON Schema are all
derived from the `Settings` class below. This module stays light (no pydantic, no yaml), because the
command line imports it for `--help`; reading and checking values is `settings_load.py`'s work.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Literal

from ecr_push.setting_types import (
    AccountId,
    BuildArg,
    Duration,
    Limits,
    Platform,
    Queue,
    Region,
    RepositoryText,
    RoleArn,
    SeverityText,
    TagText,
)

ENVIRONMENT_PREFIX = "ECR_PUSH_"
CONFIG_FILE_NAME = "ecr-push.yml"


RUN = frozenset({"run"})
PLANNING = frozenset({"run", "plan"})
NAMING = PLANNING | {"tags"}
JUDGING = frozenset({"run", "plan", "scan", "promote"})
IN_REGISTRY = frozenset({"run", "plan", "scan", "promote", "login"})
REPORTING = frozenset({"run", "scan", "promote"})


@dataclass(frozen=True)
class OptionHelp:
    """What the command line and the documentation say of a setting, besides its name and default.

    separator: how several values stand in one text (an environment variable); empty for single values.
    """

    help: str
    commands: frozenset[str]
    metavar: str = ""
    short: str = ""
    default_text: str = ""
    separator: str = ""
    group: str = ""


def _option(default: Any, group: str, commands: frozenset[str], help: str, **more: str) -> Any:
    return field(default=default, metadata={"option": OptionHelp(help, commands, group=group, **more)})


@dataclass(frozen=True)
class Settings:
    """All that a user can say. Valid once it exists; see `settings_load.load_settings`."""

    context: str = _option(
        ".", "What to build", NAMING, "Directory that is sent to the build.", metavar="DIR"
    )
    repository: RepositoryText = _option(
        "",
        "Where it goes",
        PLANNING,
        "Repository's name, or its whole URI (which then settles region and registry id). "
        "public.ecr.aws/ALIAS/NAME is ECR Public.",
        short="-r",
        metavar="NAME",
    )
    region: Region = _option(
        "",
        "Where it goes",
        IN_REGISTRY,
        "AWS region of the registry.",
        metavar="REGION",
        default_text="as the AWS SDK finds it",
    )
    registry_id: AccountId = _option(
        "",
        "Where it goes",
        IN_REGISTRY,
        "AWS account that owns the registry.",
        metavar="ACCOUNT",
        default_text="the caller's",
    )
    profile: str = _option(
        "", "Where it goes", IN_REGISTRY, "Profile of the AWS configuration.", metavar="NAME"
    )
    role: RoleArn = _option("", "Where it goes", IN_REGISTRY, "IAM role to assume first.", metavar="ARN")
    create_repository: bool = _option(
        False,
        "Where it goes",
        PLANNING,
        "Create the repository when it is missing: scan on push, "
        "encryption at rest, and a tag mutability that protects what it can.",
    )
    kms_key: str = _option(
        "",
        "Where it goes",
        PLANNING,
        "KMS key that encrypts a repository made by --create-repository.",
        metavar="KEY",
        default_text="AES256, ECR's own key",
    )
    dockerfile: str = _option(
        "",
        "What to build",
        PLANNING,
        "Path of the Dockerfile.",
        short="-f",
        metavar="FILE",
        default_text="DIR/Dockerfile",
    )
    build_args: tuple[BuildArg, ...] = _option(
        (),
        "What to build",
        PLANNING,
        "Build argument; may be repeated.",
        metavar="NAME=VALUE",
        separator="\n",
    )
    target: str = _option("", "What to build", PLANNING, "Stage of the Dockerfile to build.", metavar="STAGE")
    platforms: tuple[Platform, ...] = _option(
        (),
        "What to build",
        PLANNING,
        "Platform to build for; may be repeated, or a list with commas.",
        metavar="OS/ARCH",
        separator=",",
        default_text="the builder's own",
    )
    builder: str = _option(
        "", "What to build", PLANNING, "Name of the buildx builder to use.", metavar="NAME"
    )
    image: str = _option(
        "",
        "What to build",
        PLANNING,
        "Push this image, which is already in the engine, instead of building one.",
        metavar="IMAGE",
    )
    tags: tuple[TagText, ...] = _option(
        (),
        "What to call it",
        NAMING,
        "Tag to give besides the computed ones; may be repeated.",
        short="-t",
        metavar="TAG",
        separator=",",
    )
    floating_tags: Literal["all", "latest", "none"] = _option(
        "all",
        "What to call it",
        NAMING,
        "Which tags may move: all is 1.4, 1, the branch's tag and latest. Without "
        "1.4, 1 and the branch's, a repository made by --create-repository can be immutable.",
    )
    fail_on: SeverityText | None = _option(
        None,
        "What is accepted",
        JUDGING,
        "Refuse an image with a finding of this severity or worse.",
        metavar="SEVERITY",
        default_text="high, where no --max-findings is given",
    )
    max_findings: Limits | None = _option(
        None,
        "What is accepted",
        JUDGING,
        "At most so many findings of each named severity; a severity worse than "
        "the worst one named is allowed none.",
        metavar="critical=0,high=5",
    )
    scan_timeout: Duration = _option(
        900.0,
        "What is accepted",
        JUDGING,
        "How long to wait for the scan's answer.",
        metavar="DURATION",
        default_text="15m",
    )
    scan_max_age: Duration = _option(
        86_400.0,
        "What is accepted",
        JUDGING,
        "How old the scan of an image may be. For an older one, a new scan is started where ECR lets us; "
        "continuous scanning is never too old.",
        metavar="DURATION",
        default_text="24h",
    )
    scan_events_queue: Queue = _option(
        "",
        "What is accepted",
        JUDGING,
        "SQS queue with the events of scans, fed by an EventBridge rule: listen to it instead of asking ECR.",
        metavar="URL|NAME",
        default_text="ask ECR",
    )
    unscannable: Literal["refuse", "warn"] = _option(
        "refuse",
        "What is accepted",
        JUDGING,
        "What to do with an image that ECR cannot scan.",
    )
    sandbox: bool = _option(
        False,
        "How to run",
        PLANNING,
        "Use an ECR on this machine, for the length of the run. Needs no AWS account.",
    )
    advisories: tuple[str, ...] = _option(
        (),
        "How to run",
        PLANNING | {"sandbox"},
        "Directory of OSV advisories for the sandbox's scanner.",
        metavar="DIR",
        separator="\n",
    )
    dry_run: bool = _option(
        False, "How to run", frozenset({"run", "promote"}), "Read and report, but build and change nothing."
    )
    output: Literal["text", "json"] = _option(
        "text",
        "How to run",
        REPORTING | {"plan", "tags"},
        "What standard output carries: text is URI@DIGEST, or a table; json is the result document.",
    )
    result: str = _option(
        "", "How to run", REPORTING, "Also write the result document to this file.", metavar="FILE"
    )
    progress: Literal["auto", "plain", "quiet"] = _option(
        "auto",
        "How to run",
        REPORTING | {"plan", "login"},
        "Narration on standard error: auto is live on a terminal.",
    )


def options(command: str = "") -> tuple[Field[Any], ...]:
    """The settings that command takes, in the order of their declaration; all of them without one."""
    return tuple(one for one in fields(Settings) if not command or command in one.metadata["option"].commands)


def option_help(setting: Field[Any]) -> OptionHelp:
    found: OptionHelp = setting.metadata["option"]
    return found


def flag(setting: Field[Any]) -> str:
    """`--build-arg` for build_args: what may be repeated is named in the singular."""
    return "--" + key(setting)


def key(setting: Field[Any]) -> str:
    """The name in ecr-push.yml: the flag's, without its dashes."""
    name = setting.name.replace("_", "-")
    return _SINGULAR.get(name, name)


def environment_name(setting: Field[Any]) -> str:
    return ENVIRONMENT_PREFIX + key(setting).replace("-", "_").upper()


def default_text(setting: Field[Any]) -> str:
    """The default as the documentation shows it; empty where there is none to tell."""
    said = option_help(setting).default_text
    if said or setting.default in (None, (), "", MISSING):
        return said
    if isinstance(setting.default, bool):
        return "yes" if setting.default else "no"
    return str(setting.default)


_SINGULAR = {"build-args": "build-arg", "platforms": "platform", "tags": "tag"}
