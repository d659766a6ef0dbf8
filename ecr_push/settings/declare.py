"""Every option, declared once: its name, type, default, help and the commands that take it.

The command line, `ECR_PUSH_*`, `ecr-push.yml`, the documentation's table and the JSON Schema are all
derived from the `Settings` class below. This module stays light (no pydantic, no yaml), because the
command line imports it for `--help`; reading and checking values is `settings_load.py`'s work.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from ecr_push.base.severity import NAMED_BY_USERS
from ecr_push.settings.report_files import ENDINGS, FORMATS
from ecr_push.settings.types import (
    AccountId,
    BaseImageText,
    BaselineText,
    BranchText,
    BuildArg,
    ChannelText,
    CommitText,
    ContainerName,
    Duration,
    FlavorText,
    GitTagText,
    LabelText,
    Limits,
    Platform,
    PullRequestText,
    Queue,
    Region,
    Report,
    RepositoryText,
    RoleArn,
    RulesText,
    SchemeText,
    SeverityText,
    TagText,
    UrlText,
)

ENVIRONMENT_PREFIX = "ECR_PUSH_"
_TOLD = "as the CI or git says"

RUN = frozenset({"run"})
PLANNING = frozenset({"run", "plan"})
NAMING = PLANNING | {"tags"}
JUDGING = frozenset({"run", "plan", "scan", "promote", "rollback"})
IN_REGISTRY = JUDGING | {"login", "policy test", "policy show"}
REPORTING = frozenset({"run", "scan", "promote", "rollback"})
# What takes a policy, and what compares images in the registry.
POLICY = JUDGING | {"gate", "policy test", "policy show"}
COMPARING = JUDGING | {"policy test", "policy show"}


@dataclass(frozen=True)
class OptionHelp:
    """What the command line and the documentation say of a setting, besides its name and default.

    separator: how several values stand in one text (an environment variable); empty for single values.
    block:     several values are one text to the end: its lines count, and the mistakes name them.
    by_caller: who asks for the image says it, by a flag or a variable. ecr-push.yml cannot: it is a part of
               what is built, and comes with the pull request that is to be trusted or not.
    """

    help: str
    commands: frozenset[str]
    metavar: str = ""
    short: str = ""
    default_text: str = ""
    separator: str = ""
    block: bool = False
    by_caller: bool = False
    group: str = ""


def _option(default: Any, group: str, commands: frozenset[str], help: str, **more: Any) -> Any:
    return field(default=default, metadata={"option": OptionHelp(help, commands, group=group, **more)})


@dataclass(frozen=True)
class Settings:
    """All that a user can say. Valid once it exists; see `settings_load.load_settings`."""

    context: str = _option(
        ".", "What to build", NAMING, "Directory that is sent to the build.", metavar="DIR", by_caller=True
    )
    repository: RepositoryText = _option(
        "",
        "Where it goes",
        PLANNING | {"rollback", "policy test"},
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
        default_text="AWS_REGION, AWS_DEFAULT_REGION or the profile's",
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
        "", "Where it goes", IN_REGISTRY, "Profile of the AWS configuration.", metavar="NAME", by_caller=True
    )
    role: RoleArn = _option(
        "", "Where it goes", IN_REGISTRY, "IAM role to assume first.", metavar="ARN", by_caller=True
    )
    role_to_assume: RoleArn = _option(
        "",
        "Where it goes",
        IN_REGISTRY,
        "IAM role to assume with the OIDC token of a GitHub job, without any other credentials; --role is "
        "assumed from there. The job needs the permission id-token: write.",
        metavar="ARN",
        by_caller=True,
    )
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
    tag_rules: RulesText = _option(
        (),
        "What to call it",
        NAMING,
        "Rules for tags, instead of the computed ones, in docker/metadata-action's syntax; may be repeated.",
        metavar="RULE",
        separator="\n",
        block=True,
    )
    flavor: FlavorText = _option(
        None,
        "What to call it",
        NAMING,
        "What holds for all rules of --tags: latest=auto|true|false, prefix=, suffix=, each with onlatest=.",
        metavar="FLAVOR",
        separator="\n",
        block=True,
    )
    naming: Literal["ecr-push", "metadata-action"] = _option(
        "ecr-push",
        "What to call it",
        NAMING,
        "Which conventions to follow where docker/metadata-action's tags and labels differ from ecr-push's; "
        "with metadata-action its default rules hold where --tags gives none.",
    )
    labels: tuple[LabelText, ...] = _option(
        (),
        "What to call it",
        NAMING,
        "Label of the image besides the computed ones, or instead of one; may be repeated.",
        metavar="KEY=VALUE",
        separator="\n",
    )
    annotations: tuple[LabelText, ...] = _option(
        (),
        "What to call it",
        NAMING,
        "Annotation of the image's manifest or index; may be repeated. Needs buildx.",
        metavar="[LEVEL:]KEY=VALUE",
        separator="\n",
    )
    annotate: bool = _option(
        False,
        "What to call it",
        NAMING,
        "Put the labels onto the image's manifest as annotations too. Needs buildx.",
    )
    floating_tags: Literal["all", "latest", "none"] = _option(
        "all",
        "What to call it",
        NAMING,
        "Which tags may move: all is 1.4, 1, the branch's tag and latest. Without "
        "1.4, 1 and the branch's, a repository made by --create-repository can be immutable.",
    )
    version_strategy: Literal["describe", "tag", "conventional", "file", "explicit"] = _option(
        "describe",
        "Which version it is",
        NAMING,
        "Where the version of a commit without a release tag comes from: describe counts commits after the "
        "last release, conventional reads their messages, file reads the project's own file, explicit takes "
        "--version, tag gives none.",
    )
    version: str = _option(
        "",
        "Which version it is",
        NAMING,
        "The version. Implies --version-strategy explicit.",
        metavar="VERSION",
    )
    version_file: str = _option(
        "",
        "Which version it is",
        NAMING,
        "The file that states the version. Implies --version-strategy file.",
        metavar="FILE",
        default_text="with --version-strategy file the first of pyproject.toml, package.json, Cargo.toml, "
        "VERSION, pom.xml, Chart.yaml in DIR",
    )
    version_scheme: SchemeText = _option(
        "semver",
        "Which version it is",
        NAMING | {"promote", "rollback"},
        "Which git tags are versions: semver, two-part (v1.4), pep440, or a CalVer pattern such as "
        "YYYY.0M.MICRO.",
        metavar="SCHEME",
    )
    channels: tuple[ChannelText, ...] = _option(
        (),
        "Which version it is",
        NAMING,
        "What the pre-releases of a branch are called, such as next=rc; may be repeated, and the first that "
        "matches counts.",
        metavar="BRANCH=NAME",
        separator=",",
        default_text="dev for every branch",
    )
    tag_prefix: str = _option(
        "",
        "Which version it is",
        NAMING,
        "Count only git tags with this prefix, such as api/ for api/v1.2.3: a repository of several images.",
        metavar="PREFIX",
    )
    paths: tuple[str, ...] = _option(
        (),
        "Which version it is",
        NAMING,
        "Count only commits that touch this path; may be repeated.",
        metavar="PATH",
        separator="\n",
        default_text="with --tag-prefix, DIR; else the whole repository",
    )
    commit_scopes: tuple[str, ...] = _option(
        (),
        "Which version it is",
        NAMING,
        "With --version-strategy conventional, count only commits of this scope; may be repeated.",
        metavar="SCOPE",
        separator=",",
    )
    default_branch: str = _option(
        "",
        "Which version it is",
        NAMING,
        "Name of the default branch.",
        metavar="BRANCH",
        default_text=_TOLD,
        by_caller=True,
    )
    branch: BranchText = _option(
        "",
        "What the run is for",
        NAMING,
        "The branch; with --pull-request the one that it comes from. Overrides what the CI says, as do those "
        "below.",
        metavar="BRANCH",
        default_text=_TOLD,
        by_caller=True,
    )
    tag_ref: GitTagText = _option(
        "",
        "What the run is for",
        NAMING,
        "The git tag, which must be on the commit that is checked out.",
        metavar="TAG",
        default_text=_TOLD,
        by_caller=True,
    )
    pull_request: PullRequestText = _option(
        "",
        "What the run is for",
        NAMING,
        "The pull request's number.",
        metavar="NUMBER",
        default_text=_TOLD,
        by_caller=True,
    )
    commit: CommitText = _option(
        "",
        "What the run is for",
        NAMING,
        "The commit, in full; of a pull request its own, not the merge. Where there is no .git, this is what "
        "the image is named after.",
        metavar="COMMIT",
        default_text=_TOLD,
        by_caller=True,
    )
    run_url: UrlText = _option(
        "",
        "What the run is for",
        REPORTING,
        "Where people see this run; for the reports.",
        metavar="URL",
        default_text="as the CI says",
        by_caller=True,
    )
    actor: str = _option(
        "",
        "What the run is for",
        REPORTING,
        "Who started this run; for the reports.",
        metavar="NAME",
        default_text="as the CI says",
        by_caller=True,
    )
    deepen: bool = _option(
        True,
        "Which version it is",
        NAMING,
        "Fetch the history and the tags that a CI's clone lacks. Without it, a shallow clone is refused.",
    )
    git_tag: bool = _option(
        False,
        "Which version it is",
        PLANNING | {"tags"},
        "Release the version: once the image is promoted, create its git tag and push it.",
    )
    policy: str = _option(
        "",
        "What is accepted",
        POLICY,
        "File with the policy, or s3://BUCKET/KEY; ecr-push.yml may hold the policy itself, under policy.",
        metavar="FILE",
    )
    fail_on: SeverityText | None = _option(
        None,
        "What is accepted",
        POLICY,
        "Refuse an image with a finding of this severity or worse: "
        f"{', '.join(one.name.lower() for one in NAMED_BY_USERS)}.",
        metavar="SEVERITY",
        default_text="high, where no --max-findings is given",
    )
    max_findings: Limits | None = _option(
        None,
        "What is accepted",
        POLICY,
        "At most so many findings of each named severity; a severity worse than "
        "the worst one named is allowed none.",
        metavar="critical=0,high=5",
    )
    baseline: BaselineText = _option(
        "",
        "What is accepted",
        COMPARING,
        "Judge only findings that are new: what the image of this tag has already does not count. "
        "The word none disables the policy's baseline.",
        metavar="TAG|DIGEST",
    )
    base_image: BaseImageText = _option(
        "",
        "What is accepted",
        COMPARING,
        "The base image, in ECR, for a policy that tells its layers from your own.",
        metavar="REPOSITORY@DIGEST",
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
    unscannable: Literal["refuse", "warn"] | None = _option(
        None,
        "What is accepted",
        POLICY,
        "What to do with an image that ECR cannot scan.",
        default_text="refuse",
    )
    sandbox: bool = _option(
        False,
        "How to run",
        PLANNING,
        "Use an ECR on this machine, for the length of the run. Needs no AWS account.",
        by_caller=True,
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
        False,
        "How to run",
        frozenset({"run", "promote", "rollback"}),
        "Read and report, but build and change nothing.",
    )
    on_fork: Literal["check", "fail", "push"] = _option(
        "check",
        "How to run",
        PLANNING,
        "What to do for a pull request from a fork, whose author may not push to the repository: check "
        "builds the image and pushes nothing, fail refuses, push does as for any other commit. The fork's "
        "ecr-push.yml is never read.",
        by_caller=True,
    )
    output: Literal["text", "json"] = _option(
        "text",
        "How to run",
        REPORTING | {"plan", "tags", "gate", "policy test"},
        "What standard output carries: text is URI@DIGEST, or a table; json is the result document.",
    )
    result: str = _option(
        "", "How to run", REPORTING | {"gate"}, "Also write the result document to this file.", metavar="FILE"
    )
    reports: tuple[Report, ...] = _option(
        (),
        "How to run",
        REPORTING,
        "Also write this report, however the run ends; may be repeated. The file's ending tells which one: "
        f"{', '.join(ENDINGS)}. Or name it: {', '.join(f'{name}=FILE' for name in FORMATS)}.",
        metavar="[FORMAT=]FILE",
        separator="\n",
    )
    container_name: ContainerName = _option(
        "",
        "How to run",
        REPORTING,
        "What the ECS task definition calls the container, for --report imagedefinitions.json.",
        metavar="NAME",
        default_text="the repository's last part",
    )
    progress: Literal["auto", "plain", "quiet"] = _option(
        "auto",
        "How to run",
        REPORTING | {"plan", "login", "policy test", "policy show"},
        "Narration on standard error: auto is live on a terminal.",
    )
    ci_output: Literal["auto", "none"] = _option(
        "auto",
        "How to run",
        REPORTING | {"plan", "tags", "login", "policy test", "policy show"},
        "Whether to write CI-specific output: on GitHub, outputs, job summary, annotations, log groups and "
        "masks.",
    )


def options(command: str = "") -> tuple[Field[Any], ...]:
    """The settings that command takes, in the order of their declaration; all of them without one."""
    return tuple(one for one in fields(Settings) if not command or command in one.metadata["option"].commands)


def option_help(setting: Field[Any]) -> OptionHelp:
    found: OptionHelp = setting.metadata["option"]
    return found


def said_by_caller(setting: Field[Any]) -> str:
    """Where a setting that is not for ecr-push.yml is said."""
    first = "DIR" if setting.name == "context" else flag(setting)
    return f"{first} or {environment_name(setting)}"


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


def choices(of: Any) -> tuple[str, ...]:
    """The words that a setting's type allows, where it is a choice of words, perhaps an optional one."""
    if get_origin(of) is Literal:
        return get_args(of)
    return (
        next((found for part in get_args(of) if (found := choices(part))), ())
        if NoneType in get_args(of)
        else ()
    )


# What is named in the singular because each flag gives one; and `tags`, which is what
# docker/metadata-action calls the rules: its lines move over unchanged.
_SINGULAR = {
    "build-args": "build-arg",
    "platforms": "platform",
    "tags": "tag",
    "tag-rules": "tags",
    "labels": "label",
    "reports": "report",
    "annotations": "annotation",
    "channels": "channel",
    "paths": "path",
    "commit-scopes": "commit-scope",
}
