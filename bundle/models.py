"""botocore's data, cut to the services and operations that are called. https://github.com/boto/botocore

An operation stays if its Python name stands somewhere in our code, or in the SDK's own, which assumes roles
and exchanges tokens: no list can become out of date.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

_DATA = "botocore/data/"
# Of the services: what a run calls, what a deployment calls, then what the SDK calls for the credentials of a
# profile.
SERVICES = frozenset(
    {
        *("ecr", "ecr-public", "inspector2", "sts", "s3", "sqs", "dynamodb", "iam"),
        *("events", "cloudwatch", "logs", "cloudtrail"),
        *("service-quotas", "kms"),
        *("ecs", "lambda", "batch", "sagemaker"),
        *("sso", "sso-oidc", "signin"),
    }
)
# What botocore reads of a service's folder to make a client. It pages and waits by none of its own.
_OF_A_SERVICE = re.compile(r"(service-2(\.sdk-extras)?|endpoint-rule-set-1)\.json(\.gz)?")
_DOCUMENTATION = "documentation"

Model = dict[str, Any]


def is_data(path: str) -> bool:
    return path.startswith(_DATA)


def words_of(sources: Iterator[bytes]) -> Set[str]:
    """Return every word of some sources that may be the Python name of an operation, without underscores."""
    found = {word for source in sources for word in re.findall(rb"[a-z][a-z0-9]*(?:_[a-z0-9]+)+", source)}
    return {word.decode().replace("_", "") for word in found}


def cut(files: Mapping[str, bytes], words: Set[str]) -> dict[str, bytes]:
    """Return what is needed of botocore's data, as JSON without .gz: the archive is compressed as a whole.

    files: botocore's wheel, by path; others are ignored. words: as of `words_of`.
    """
    data = {path.removeprefix(_DATA): content for path, content in files.items() if is_data(path)}
    found: dict[str, Model] = {}
    prefixes = set[str]()
    for path, content in data.items():
        service, name = path.partition("/")[0], path.rpartition("/")[2]
        if service == name or (service in SERVICES and _OF_A_SERVICE.fullmatch(name)):
            found[path.removesuffix(".gz")] = model = _parsed(content, path)
            if name.startswith("service-2.json"):
                prefixes |= {service, model["metadata"]["endpointPrefix"]}
    # A client takes the latest version of an API.
    latest = {path.split("/")[0]: path for path in sorted(found) if path.endswith("/service-2.json")}
    for path in latest.values():
        found[path] = cut_service(found[path], words)
    versions = {path.rpartition("/")[0] for path in latest.values()}
    found["endpoints.json"] = cut_endpoints(found["endpoints.json"], prefixes)
    return {
        _DATA + path: _written(model)
        for path, model in found.items()
        if "/" not in path or path.rpartition("/")[0] in versions
    }


def index(paths: Iterable[str]) -> tuple[str, bytes]:
    """Return path and content of the list of services that `registry/aws/sdk_data.py` reads."""
    parts = [path.removeprefix(_DATA).split("/") for path in paths]
    services = {one[0]: [one[1]] for one in parts if len(one) > 1}
    return f"{_DATA}services.json", _written(services)


def cut_service(model: Model, words: Set[str]) -> Model:
    """Return a model with the operations that words name, the shapes they reach, and no documentation."""
    operations = {
        name: _plain(operation) for name, operation in model["operations"].items() if name.lower() in words
    }
    shapes: dict[str, Any] = {}
    reached = list(_references(list(operations.values())))
    while reached:
        name = reached.pop()
        if name not in shapes:
            shapes[name] = _plain_shape(model["shapes"][name])
            reached += _references(shapes[name])
    in_order = {name: shapes[name] for name in model["shapes"] if name in shapes}
    # botocore asks for the documentation of a client's own parameters.
    others = {name: value for name, value in model.items() if name != _DOCUMENTATION}
    return {**others, "operations": operations, "shapes": in_order}


def cut_endpoints(endpoints: Model, services: Set[str]) -> Model:
    """Return the endpoints of these services, by endpoint prefix, in every partition."""
    partitions = [
        {**one, "services": {name: of for name, of in one["services"].items() if name in services}}
        for one in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _written(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _parsed(content: bytes, path: str) -> Model:
    parsed: Model = json.loads(gzip.decompress(content) if path.endswith(".gz") else content)
    return parsed


def _plain(of: Model) -> Model:
    """Return an operation or a reference to a shape, without its documentation and those in it."""
    return {name: _plain_value(value) for name, value in of.items() if name != _DOCUMENTATION}


def _plain_value(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get(_DOCUMENTATION, ""), str):
        return _plain(value)
    if isinstance(value, list):
        return [_plain_value(one) for one in value]
    return value


def _plain_shape(shape: Model) -> Model:
    """Return a shape without documentation; a member may have that name."""
    plain = _plain({name: value for name, value in shape.items() if name != "members"})
    if "members" in shape:
        plain["members"] = {name: _plain(member) for name, member in shape["members"].items()}
    return plain


def _references(value: Any) -> Iterator[str]:
    """Yield the names of the shapes that a part of a model refers to."""
    if isinstance(value, dict):
        if isinstance(value.get("shape"), str):
            yield value["shape"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)
