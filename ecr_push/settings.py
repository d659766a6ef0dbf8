"""Every option, declared once: its name, type, default, help and the commands that take it.

The command line, `ECR_PUSH_*`, `ecr-push.yml`, the documentation's table and the JSON Schema are all
derived from the `Settings` class below. This module stays light (no pydantic, no yaml), because the
command line imports it for `--help`; reading and checking values is `settings_load.py`'s work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Annotated, Any, Literal

from ecr_push.reference import Tag, check_repository_name, has_registry, parse_repository
from ecr_push.severity import Severity, parse_limits, parse_severity

ENVIRONMENT_PREFIX = "ECR_PUSH_"
CONFIG_FILE_NAME = "ecr-push.yml"


class Parsed:
    """Marks a type whose value is made from text by `parse`, which raises ValueError.

    pydantic asks the marker for its schema, so that pydantic itself is imported on use only.
    """

    def __init__(self, parse: Callable[[str], Any], pattern: str = "") -> None:
        self.parse = parse
        self.pattern = pattern

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            lambda value: self.parse(value if isinstance(value, str) else str(value)),
            json_schema_input_schema=core_schema.str_schema(),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {"type": ["string", "number"]} | ({"pattern": self.pattern} if self.pattern else {})


def _repository(text: str) -> str:
    if has_registry(text):
        parse_repository(text)
        return text
    return check_repository_name(text)


_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def _duration(text: str) -> float:
    matched = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h|)", text.strip())
    if not matched:
        raise ValueError(f"{text!r} is no duration: expected a number and s, m or h, such as 90s or 15m")
    return float(matched[1]) * _UNITS[matched[2]]


def _build_arg(text: str) -> str:
    name, equals, _ = text.partition("=")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name) or not equals:
        # The argument may be a secret: only its name is repeated.
        raise ValueError(f"build argument {name!r}: expected NAME=VALUE")
    return text


def _matching(pattern: str, what: str) -> Parsed:
    compiled = re.compile(pattern)

    def parse(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"{text!r} is no {what}")
        return text

    return Parsed(parse, f"^{pattern}$")


def _tag(text: str) -> str:
    return Tag(text).name


RepositoryText = Annotated[str, Parsed(_repository)]
Duration = Annotated[float, Parsed(_duration, r"^\d+(\.\d+)?(s|m|h)?$")]
BuildArg = Annotated[str, Parsed(_build_arg)]
TagText = Annotated[str, Parsed(_tag)]
Platform = Annotated[str, _matching(r"[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9]+)?", "platform, such as linux/amd64")]
AccountId = Annotated[str, _matching(r"\d{12}", "registry id: expected the account's 12 digits")]
Region = Annotated[str, _matching(r"[a-z]{2,}(?:-[a-z0-9]+)+-\d+", "region, such as eu-west-1")]
RoleArn = Annotated[
    str,
    _matching(
        r"arn:[a-z0-9-]+:iam::\d{12}:role/[\w+=,.@/-]+", "role's ARN: arn:PARTITION:iam::ACCOUNT:role/NAME"
    ),
]
SeverityText = Annotated[Severity, Parsed(parse_severity)]
Limits = Annotated[Mapping[Severity, int], Parsed(parse_limits)]

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
        PLANNING | {"promote", "scan"},
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
