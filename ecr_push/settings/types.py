"""The types of settings that are made from text: each says what is wrong with a text that is none.

This module stays light, like `settings.py`: the command line imports both for `--help`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from ecr_push.base.reference import (
    Digest,
    ImageName,
    Tag,
    check_repository_name,
    has_registry,
    parse_repository,
)
from ecr_push.base.severity import Severity, parse_limits, parse_threshold
from ecr_push.settings.report_files import ReportFile, parse_report


class Parsed:
    """Marks a type whose value is made from text by `parse`, which raises ValueError.

    pydantic asks the marker for its schema, so that pydantic itself is imported on use only.
    """

    def __init__(self, parse: Callable[[str], Any], pattern: str = "") -> None:
        self.parse = parse
        self.pattern = pattern

    def read(self, value: Any) -> Any:
        """The value of what stands in ecr-push.yml, where a text may look like a number."""
        return self.parse(value if isinstance(value, str) else str(value))

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            self.read, json_schema_input_schema=core_schema.str_schema()
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {"type": ["string", "number"]} | ({"pattern": self.pattern} if self.pattern else {})


def core_schema_of(of: Any) -> dict[str, Any]:
    """How pydantic's engine is told of a setting's type. KeyError for a type that no setting has yet.

    https://docs.pydantic.dev/latest/api/pydantic_core_schema/
    """
    origin, parts = get_origin(of), get_args(of)
    if origin is Annotated:
        return {"type": "function-plain", "function": {"type": "no-info", "function": parts[1].read}}
    if origin is Literal:
        return {"type": "literal", "expected": list(parts)}
    if origin is tuple:
        return {"type": "tuple", "items_schema": [core_schema_of(parts[0])], "variadic_item_index": 0}
    if NoneType in parts:
        return {"type": "nullable", "schema": core_schema_of(parts[0])}
    return {"type": {str: "str", bool: "bool"}[of]}


def _repository(text: str) -> str:
    if scheme := re.match("https?://", text):
        raise ValueError(f"{text!r}: leave out {scheme[0]}")
    if "@" in text or re.search(":[^/]*$", text):
        raise ValueError(f"{text!r}: give the repository without a tag; tags are given with --tag")
    if has_registry(text):
        parse_repository(text)
        return text
    return check_repository_name(text)


_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def _duration(text: str) -> float:
    matched = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h|d|)", text.strip())
    if not matched:
        raise ValueError(f"{text!r} is no duration: expected a number and s, m, h or d, such as 90s or 15m")
    return float(matched[1]) * _UNITS[matched[2]]


def _queue(text: str) -> str:
    url = re.fullmatch(r"https?://[^/\s]+/\d{12}/([A-Za-z0-9_.-]{1,80})/?", text)
    name = url[1] if url else text
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,80}(\.fifo)?", name):
        raise ValueError(f"{text!r} is no SQS queue: expected its name, or https://HOST/ACCOUNT/NAME")
    if name.endswith(".fifo"):
        raise ValueError(
            f"{text!r} is a FIFO queue, which shows each reader the same events: expected a standard one"
        )
    return text.rstrip("/")


def _build_arg(text: str) -> str:
    name, equals, _ = text.partition("=")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name) or not equals:
        # The argument may be a secret: only its name is repeated.
        raise ValueError(f"{name!r}: expected NAME=VALUE")
    return text


def _matching(pattern: str, what: str) -> Parsed:
    compiled = re.compile(pattern)

    def parse(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"{text!r} is no {what}")
        return text

    return Parsed(parse, f"^{pattern}$")


QUOTE_IT = "; quote it where it stands in YAML"


def _account(text: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", text):
        # As a number 012345678901 has 11 digits, and where YAML 1.1 is read it is an octal one.
        fewer = re.fullmatch(r"[0-9]{1,11}", text)
        hint = f"{QUOTE_IT}, which drops a leading 0" if fewer else ""
        raise ValueError(f"{text!r} is no registry id: expected the account's 12 digits{hint}")
    return text


def _tag(text: str) -> str:
    return Tag(text).name


def _baseline(text: str) -> str:
    return text if text == "none" else str(Digest(text) if text.startswith("sha256:") else Tag(text))


def _base_image(text: str) -> str:
    if ImageName.parse(text).digest is None:
        raise ValueError(
            f"{text!r} names no base image: expected REPOSITORY@sha256:…, for a tag may have moved"
        )
    return text


def _rules(text: str) -> Any:
    from ecr_push.tags.metadata_action.grammar import numbered, parse_rules

    return parse_rules(text) if numbered(text) else ()  # no rules are not the action's default ones


def _flavor(text: str) -> Any:
    from ecr_push.tags.metadata_action.flavor import parse_flavor

    return parse_flavor(text)


def _scheme(text: str) -> str:
    from ecr_push.versions.schemes.choice import parse_scheme

    parse_scheme(text)
    return text


def _channel(text: str) -> str:
    from ecr_push.versions.options import Channel

    Channel.parse(text)
    return text


def _label(text: str) -> str:
    from ecr_push.tags.metadata_action.expressions import GLOBAL, problems_of
    from ecr_push.tags.metadata_action.template import parse_template

    key, equals, value = text.partition("=")
    if not equals or not key or key != "".join(key.split()):
        raise ValueError(f"{text!r}: expected KEY=VALUE, and no space in the key")
    if problems := problems_of(parse_template(value), GLOBAL):
        raise ValueError("; ".join(problems))
    return text


def _ref_name(lead: str, what: str) -> Callable[[str], str]:
    """A ref's name, or the whole ref. https://git-scm.com/docs/git-check-ref-format"""

    def parse(text: str) -> str:
        name = text.removeprefix(lead)
        if not name or not name.isprintable() or re.search(r"[\s~^:?*\[\\]|\.\.|//|@\{|^[-/]|[/.]$", name):
            raise ValueError(f"{text!r} is no name of a {what}")
        return name

    return parse


Report = Annotated[ReportFile, Parsed(parse_report)]
RepositoryText = Annotated[str, Parsed(_repository)]
Duration = Annotated[float, Parsed(_duration, r"^\d+(\.\d+)?(s|m|h|d)?$")]
Queue = Annotated[str, Parsed(_queue)]
BuildArg = Annotated[str, Parsed(_build_arg)]
TagText = Annotated[str, Parsed(_tag)]
Platform = Annotated[str, _matching(r"[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9]+)?", "platform, such as linux/amd64")]
AccountId = Annotated[str, Parsed(_account, r"^\d{12}$")]
Region = Annotated[str, _matching(r"[a-z]{2,}(?:-[a-z0-9]+)+-\d+", "region, such as eu-west-1")]
RoleArn = Annotated[
    str,
    _matching(
        r"arn:[a-z0-9-]+:iam::\d{12}:role/[\w+=,.@/-]+", "role's ARN: arn:PARTITION:iam::ACCOUNT:role/NAME"
    ),
]
SeverityText = Annotated[Severity, Parsed(parse_threshold)]
BaselineText = Annotated[str, Parsed(_baseline)]
BaseImageText = Annotated[str, Parsed(_base_image)]
Limits = Annotated[Mapping[Severity, int], Parsed(parse_limits)]
RulesText = Annotated[Any, Parsed(_rules)]
FlavorText = Annotated[Any, Parsed(_flavor)]
SchemeText = Annotated[str, Parsed(_scheme)]
ChannelText = Annotated[str, Parsed(_channel)]
LabelText = Annotated[str, Parsed(_label)]
BranchText = Annotated[str, Parsed(_ref_name("refs/heads/", "branch"))]
GitTagText = Annotated[str, Parsed(_ref_name("refs/tags/", "git tag"))]
PullRequestText = Annotated[str, _matching(r"[0-9]{1,18}", "pull request's number")]
CommitText = Annotated[
    str, _matching(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", "commit: expected all its 40 or 64 hexadecimal digits")
]
UrlText = Annotated[str, _matching(r"https?://[^\s\x00-\x1f]+", "address: expected https://…")]
ContainerName = Annotated[
    str, _matching(r"[A-Za-z0-9_-]{1,255}", "container's name: expected letters, digits, _ and -")
]
