"""AWS answers that its service models allow and that no one has seen: strategies, and a wire to send them on.

The SDK's own parser reads them: they are put in the place of the HTTP response, after it was asked for.
"""

from __future__ import annotations

import base64
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, ClassVar
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSResponse
from hypothesis import strategies as st

from ecr_push.registry.aws.session import ATTEMPTS, Access, Aws, Endpoint
from tests.support.fakes import HOST, OCI_INDEX, OCI_MANIFEST, REPOSITORY, digest, index, manifest
from tests.support.paths import PACKAGE
from tests.support.source_code import tree

IMAGE = manifest("one")
TOKEN = base64.b64encode(b"AWS:dummy").decode()

# What makes an answer pass a first look, by the name of the member, so that the second is reached too.
_PLAUSIBLE: dict[str, list[Any]] = {
    "repositoryUri": [str(REPOSITORY), "public.ecr.aws/acme/app", "not a uri", f"{HOST}/other/app"],
    "registryUri": ["public.ecr.aws/acme", "https://["],
    "repositoryName": ["team/app", "app"],
    "repositoryArn": ["arn:aws:ecr:eu-west-1:123456789012:repository/team/app"],
    "imageDigest": [IMAGE.digest.value, digest("two").value, "sha256:0"],
    "imageTag": ["1.0", "latest", "::error::", "9" * 300],
    "imageManifest": [
        *(IMAGE.body, manifest("two").body, index([{"digest": digest("x").value}]).body),
        *("null", "[]", "{", '{"layers": null}', '{"schemaVersion": 1}', "\ud800"),
    ],
    "imageManifestMediaType": [
        OCI_MANIFEST,
        OCI_INDEX,
        "application/vnd.docker.distribution.manifest.v1+json",
    ],
    "authorizationToken": [
        TOKEN,
        "!!!",
        base64.b64encode(b"AWS").decode(),
        base64.b64encode(b"\xff:x").decode(),
    ],
    "proxyEndpoint": [f"https://{HOST}", "https://[", "x"],
    "nextToken": ["more", "a", "b"],
    "status": ["COMPLETE", "COMPLETE", "ACTIVE", "CLOSED", "SUPPRESSED"],
    "severity": ["LOW", "LOW", "MEDIUM", "CRITICAL", "low", "SEVERE"],
    "findingArn": ["arn:1", "arn:2"],
    "Account": ["123456789012"],
    "name": ["acme", "CVE-1"],
    "Body": [
        json.dumps({"source": "aws.ecr", "detail-type": "ECR Image Scan", "account": 7, "detail": {}}),
        "[" * 2000,
    ],
    "SentTimestamp": ["1767312000000", "9" * 5000, "-1", "soon"],
    "QueueUrl": ["https://sqs.eu-west-1.amazonaws.com/123456789012/scans"],
}
_TEXTS = st.text(max_size=12) | st.sampled_from(
    ["", "\x00", "\x1b[2J", "::error::", "null", "9" * 400, "\udcff"]
)
_NUMBERS = st.sampled_from([0, 1, -1, 2**63, 10**400, 0.9, -0.5, 1e300, float("inf"), float("nan")])
_TIMES = st.sampled_from(
    [
        *(1767312000.0, 1767312000.0, 0, -1, 1.0, 1e300, -1e12, 253402300800, 32503680000.0),
        *("2026-01-02T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon", ""),
    ]
)


@cache
def _read_names() -> frozenset[str]:
    """Every name that our code mentions: what else an answer has is not read."""
    import ast

    return frozenset(
        node.value
        for room in ("registry", "scan", "delivery")
        for path in (PACKAGE / room).rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@cache
def answers_of(shape: Any, name: str = "", depth: int = 0) -> st.SearchStrategy[Any]:
    """What the wire may have for a shape of a service model: valid by it, and odd."""
    kind = shape.type_name
    if kind == "structure":
        members = {
            one.serialization.get("name", key): answers_of(one, key, depth + 1)
            for key, one in shape.members.items()
            if depth < 7 and (len(shape.members) <= 4 or key in _read_names())
        }
        if shape.is_tagged_union:
            return st.sampled_from(sorted(members)).flatmap(
                lambda key: st.fixed_dictionaries({key: members[key]})
            )
        whole = st.fixed_dictionaries(members)
        return whole | st.fixed_dictionaries(
            {}, optional={key: st.none() | one for key, one in members.items()}
        )
    if kind == "list":
        return st.lists(answers_of(shape.member, name, depth + 1), max_size=2) | st.lists(
            st.none(), max_size=1
        )
    if kind == "map":
        keys = st.sampled_from(shape.key.enum) if shape.key.enum else st.sampled_from(sorted(_PLAUSIBLE))
        values = answers_of(shape.value, "SentTimestamp", depth + 1) | st.none()
        return st.dictionaries(keys | _TEXTS, values, max_size=3)
    if kind == "timestamp":
        return _TIMES
    if kind == "boolean":
        return st.booleans()
    if kind in ("integer", "long", "float", "double"):
        return st.integers(0, 3) | _NUMBERS
    if kind == "blob":
        return st.binary(max_size=9).map(lambda content: base64.b64encode(content).decode())
    known = [*_PLAUSIBLE.get(name, ()), *(shape.enum or ())]
    return st.sampled_from(known) | _TEXTS if known else _TEXTS


# What is done to the bytes on their way, seldom: the model allows none of it.
def _objects_for_lists(value: Any) -> Any:
    if isinstance(value, list):
        return {}
    return {key: _objects_for_lists(one) for key, one in value.items()} if isinstance(value, dict) else value


_SPOILT: list[Callable[[Any], bytes]] = [
    lambda value: json.dumps(value).encode() + b"\xff",
    lambda value: json.dumps(value).encode()[:-1],
    lambda value: json.dumps([value]).encode(),
    lambda value: json.dumps(_objects_for_lists(value)).encode(),
    lambda value: b"",
    lambda value: b"<html>",
    lambda value: b'{"a":' * 3000,
    lambda value: json.dumps({**value, "moreFindings": [{"severity": "HIGH"}]}).encode(),
]


def bodies(shape: Any) -> st.SearchStrategy[bytes]:
    """An answer as bytes of JSON; one in eight or so is spoilt."""
    values = answers_of(shape)
    whole = values.map(lambda value: json.dumps(value).encode())
    spoilt = st.builds(lambda value, spoil: spoil(value), values, st.sampled_from(_SPOILT))
    return st.integers(0, 7).flatmap(lambda number: spoilt if number == 0 else whole)


def xml_of(operation: str, shape: Any) -> st.SearchStrategy[bytes]:
    """An answer of the query protocol."""

    def write(value: dict[str, Any]) -> bytes:
        inner = "".join(f"<{key}>{escape(str(one))}</{key}>" for key, one in value.items())
        text = f"<{operation}Response><{operation}Result>{inner}</{operation}Result></{operation}Response>"
        return text.encode("utf-8", "replace")

    odd = st.sampled_from([b"", b"<a>", b"\xff", b"<a/>", b"{}"])
    return answers_of(shape).map(write) | odd


class _Stream(io.BytesIO):
    def stream(self, *args: object, **kwargs: object) -> Iterator[bytes]:
        yield self.getvalue()


class OddAws(Aws):
    """AWS whose every answer is what draw returns for an operation: status, headers and body.

    served: how many answers each operation gave.
    """

    served: ClassVar[Counter[str]] = Counter()

    def __init__(self, draw: Callable[[Any, dict[str, Any]], tuple[int, dict[str, str], bytes]]) -> None:
        super().__init__(Access(region="eu-west-1", endpoint=Endpoint("http://127.0.0.1:9", "key", "dummy")))
        self._draw = draw
        self._mine: set[int] = set()

    def _open(self) -> Any:
        from tests.support.aws import _session

        return _session()

    def client(self, service: str, *, region: str = "", attempts: int = ATTEMPTS) -> Any:
        client = super().client(service, region=region, attempts=1)
        if id(client) not in self._mine:
            self._mine.add(id(client))
            model = client.meta.service_model
            asked: dict[str, Any] = {}
            client.meta.events.register(
                "before-parameter-build", lambda params, **rest: asked.update(parameters=dict(params))
            )
            client.meta.events.register(
                "before-send",
                lambda request, event_name, **rest: self._answer(
                    model.operation_model(event_name.rpartition(".")[2]), asked["parameters"]
                ),
            )
        return client

    def _answer(self, operation: Any, parameters: dict[str, Any]) -> AWSResponse:
        status, headers, body = self._draw(operation, parameters)
        OddAws.served[f"{operation.service_model.signing_name}:{operation.name}"] += 1
        return AWSResponse("http://127.0.0.1:9", status, headers, _Stream(body))
