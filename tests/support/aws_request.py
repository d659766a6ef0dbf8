"""What a request to AWS asks for: the operation and its parameters, and the permissions that IAM decides on.

The operation follows from AWS's service model, in each of its protocols; the resources and condition keys
from the service authorization reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Template
from typing import Any

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model

from tests.support.service_authorization import ARNS, KEYS, PASSED_TO, RESOURCES, TAGGING

_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/")
# Services whose name in a signature is not that of their model and of their actions.
_SIGNED_AS = {"monitoring": "cloudwatch"}
_ROLE = re.compile(r"arn:aws:iam::\d{12}:role/.+")
# Where a parameter has not the name of the part of an ARN that it is.
_OTHER_NAMES = {
    "objectname": "key",
    "taskid": "tasks",
    "taskdefinitionfamilyname": "family",
    "queuename": "queueurl",
}
_DEFAULTS = {"ClusterName": "default"}


@dataclass(frozen=True)
class Permission:
    """What IAM decides on. resource: an ARN, or `*`. keys: condition keys of the request."""

    action: str
    resource: str
    keys: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AwsCall:
    """service: as in the names of its actions. parameters: by their names in the service model."""

    service: str
    operation: str
    region: str
    parameters: Mapping[str, Any]

    @property
    def action(self) -> str:
        return f"{self.service}:{self.operation}"


def read_call(method: str, url: str, headers: Mapping[str, str], body: bytes) -> AwsCall:
    """Takes a signed request apart. headers: with names in lower case."""
    found = _SCOPE.search(headers.get("authorization", ""))
    assert found, "the request is signed"
    service = _SIGNED_AS.get(found["service"], found["service"])
    request = Request.from_primitives(method, url, headers, body)
    operation, parameters = get_service_router(service).match(request)
    protocol = determine_request_protocol(get_service_model(service), request.content_type)
    parsed = PROTOCOL_PARSERS[protocol](operation).parse(
        {
            "method": method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": parameters,
        }
    )
    return AwsCall(service, operation.name, found["region"], parsed)


def permissions_for(call: AwsCall, account: str) -> Iterator[Permission]:
    """All that a call needs. account: whose resources those without an ARN are."""
    home = {"Partition": "aws", "Region": call.region, "Account": account}
    keys = {key: _key(key, call.parameters, home) for key in KEYS.get(call.action, ())}
    resources = tuple(_resources(call.action, call.parameters, home))
    assert resources, f"which resource {call.action} is about is not known: nothing would be decided"
    for one in resources:
        yield Permission(call.action, one, {name: value for name, value in keys.items() if value})
    tags = TAGGING.get(call.service, "")
    if tags and any(call.parameters.get(name) for name in ("tags", "Tags")):
        for one in _resources(tags, call.parameters, home):
            yield Permission(tags, one)
    for role in dict.fromkeys(text for _, text in _texts(call.parameters) if _ROLE.fullmatch(text)):
        yield Permission("iam:PassRole", role, {"iam:PassedToService": PASSED_TO[call.action]})


def _resources(action: str, parameters: Mapping[str, Any], home: Mapping[str, str]) -> Iterator[str]:
    """The resources of the types that an action knows: by their ARNs where they are given, else by names."""
    known = RESOURCES[action]  # KeyError: look it up in the service authorization reference
    if not known:
        yield "*"
    given = tuple(text for _, text in _texts(parameters) if text.startswith("arn:"))
    for kind in known:
        template = Template(ARNS[kind])
        arns = [one for one in given if re.fullmatch(_pattern(ARNS[kind]), one)]
        yield from dict.fromkeys(arns or _filled(template, parameters, home))


def _pattern(arn: str) -> str:
    return re.sub(r"\\\$\\\{\w+\\\}", r"[^:/]*", re.escape(arn))


def _filled(template: Template, parameters: Mapping[str, Any], home: Mapping[str, str]) -> Iterator[str]:
    """The ARN for each value of its last part. A part that the service itself makes is `new`."""
    parts = [one for one in re.findall(r"\$\{(\w+)\}", template.template) if one not in home]
    values = {one: _named(one, parameters) for one in parts}
    if not any(values.values()):
        return
    one_each = {one: (values[one] or (_DEFAULTS.get(one, "new"),)) for one in parts}
    for last in one_each[parts[-1]]:
        named = {one: values[0] for one, values in one_each.items()}
        arn = template.substitute(home, **{**named, parts[-1]: last})
        qualifier = parameters.get("Qualifier")
        yield f"{arn}:{qualifier}" if qualifier else arn


def _named(part: str, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """The values of the parameter that a part of an ARN is, such as `service` for ServiceName."""
    wanted = _plain(part)
    wanted = {wanted, wanted.removesuffix("name"), _OTHER_NAMES.get(wanted, wanted)}
    return tuple(
        _part(name, text)
        for name, text in _texts(parameters)
        if {_plain(name), _plain(name).removesuffix("s")} & wanted
    )


def _part(name: str, text: str) -> str:
    if name == "QueueUrl":
        return text.rpartition("/")[2]
    return "of-the-alias" if name == "KeyId" and text.startswith("alias/") else text


def _key(key: str, parameters: Mapping[str, Any], home: Mapping[str, str]) -> Any:
    """The value of a condition key of a request."""
    if key == "ecs:cluster":
        cluster = next(iter(_named("ClusterName", parameters)), "default")
        arn = Template("arn:${Partition}:ecs:${Region}:${Account}:cluster/").substitute(home)
        return cluster if cluster.startswith("arn:") else f"{arn}{cluster}"
    if key in ("kms:RequestAlias", "kms:ResourceAliases"):
        alias = str(parameters.get("KeyId", ""))
        return alias if alias.startswith("alias/") else ""
    return next(iter(_named(key.partition(":")[2], parameters)), "")


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Each text in parameters, with the name of the innermost member that it is in."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _texts(one, str(key))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, name)
    elif isinstance(value, str) and value:
        yield name, value


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
