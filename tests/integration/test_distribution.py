"""The distribution API's answers, over HTTP: neither a manifest nor a configuration, or without an end."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.base.reference import Digest, Registry, Repository
from ecr_push.registry.aws.odd import OddAnswerError
from ecr_push.registry.distribution import MOST_BYTES, MOST_SECONDS, Distribution
from ecr_push.registry.interface import Login
from ecr_push.registry.oci import Manifest
from ecr_push.registry.wire import Wire
from tests.support.fakes import OCI_INDEX, OCI_MANIFEST, START, FakeClock

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def of(content: bytes) -> Digest:
    return Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")


def text(document: Any) -> bytes:
    return json.dumps(document).encode()


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[Distribution]:
    """A registry on this machine whose every answer is this one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    here = Repository(Registry.parse(f"127.0.0.1:{server.server_port}"), "team/app")
    login = Login(here.registry.host, "AWS", "dummy", START)
    try:
        yield Distribution(Wire(lambda: here, lambda: login, lambda refused: None, "Basic"), HastyClock())
    finally:
        server.shutdown()
        server.server_close()


class HastyClock(FakeClock):
    """A clock on which a minute passes with each look."""

    def monotonic(self) -> float:
        self.seconds += 60
        return self.seconds


def send(
    content: bytes, media_type: str = OCI_MANIFEST, status: int = 200, **headers: str
) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {
            "Content-Type": media_type,
            "Content-Length": str(len(content)),
            **headers,
        }.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return answer


GOOD = text(
    {"mediaType": OCI_MANIFEST, "config": {"mediaType": CONFIG, "digest": of(b"{}").value}, "layers": []}
)


def test_a_manifest_in_its_own_bytes() -> None:
    with serving(send(GOOD, f"{OCI_MANIFEST}; charset=utf-8")) as registry:
        assert registry.manifest(of(GOOD)) == Manifest(of(GOOD), OCI_MANIFEST, GOOD.decode())


@pytest.mark.parametrize(
    ("content", "media_type", "why"),
    [
        (b"\xff", OCI_MANIFEST, "not UTF-8"),
        (b"{", OCI_MANIFEST, "not valid JSON"),
        (b"[]", OCI_MANIFEST, "an empty list"),
        (b"null", OCI_MANIFEST, "expected an object"),
        (b'{"a":' * 5000, OCI_MANIFEST, "not valid JSON"),
        (GOOD, "text/html", "was not asked for"),
        (GOOD, "application/vnd.docker.distribution.manifest.v1+prettyjws", "was not asked for"),
        (GOOD, OCI_INDEX, f"but {OCI_INDEX} outside"),
        (text({"layers": {}}), OCI_MANIFEST, "imageManifest.layers"),
        (text({"layers": [None]}), OCI_MANIFEST, "imageManifest.layers[0]"),
        (text({"config": {"digest": "latest"}}), OCI_MANIFEST, "imageManifest.config.digest"),
        (text({"manifests": [{"digest": 7}]}), OCI_INDEX, "imageManifest.manifests[0].digest"),
        (text({"manifests": {}}), OCI_INDEX, "imageManifest.manifests"),
    ],
)  # fmt: skip
def test_what_is_not_a_manifest(content: bytes, media_type: str, why: str) -> None:
    with serving(send(content, media_type)) as registry, pytest.raises(OddAnswerError) as caught:
        registry.manifest(of(content))
    assert why in caught.value.why
    assert f"GET manifests/{of(content)}" in caught.value.what


def test_other_bytes_than_the_digest_says() -> None:
    with serving(send(GOOD)) as registry, pytest.raises(OddAnswerError, match="not valid") as caught:
        registry.manifest(of(b"another"))
    assert "other bytes" in caught.value.why


def test_a_list_that_is_null_is_empty() -> None:
    """Go writes an empty list so."""
    for document, media_type in (({"layers": None}, OCI_MANIFEST), ({"manifests": None}, OCI_INDEX)):
        content = text(document)
        with serving(send(content, media_type)) as registry:
            found = registry.manifest(of(content))
        assert (found.children(), found.layers) == ((), ())


def labels_of(content: bytes, digest: Digest | None = None) -> Any:
    config = {"mediaType": CONFIG, "digest": (digest or of(content)).value}
    body = json.dumps({"config": config, "layers": []})
    with serving(send(content, "application/octet-stream")) as registry:
        return registry.labels(Manifest(of(body.encode()), OCI_MANIFEST, body))


@pytest.mark.parametrize(
    ("configuration", "labels"),
    [
        ({"config": {"Labels": {"a": "b"}}}, {"a": "b"}),
        ({"config": {"Labels": None}}, {}),
        ({"config": None}, {}),
        ({}, {}),
    ],
)
def test_labels(configuration: Any, labels: dict[str, str]) -> None:
    assert labels_of(text(configuration)) == labels


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "not valid JSON"),
        (b"\xff", "not UTF-8"),
        (b"[]", "an empty list"),
        (text({"config": []}), "config is an empty list"),
        (text({"config": {"Labels": ["a"]}}), "config.Labels is a list"),
        (text({"config": {"Labels": {"a": 1}}}), "config.Labels.a is 1, expected text"),
        (text({"config": {"Labels": {"a": None}}}), "config.Labels.a is None"),
    ],
)
def test_what_is_not_a_configuration(content: bytes, why: str) -> None:
    with pytest.raises(OddAnswerError) as caught:
        labels_of(content)
    assert why in caught.value.why


@pytest.mark.parametrize(
    ("configuration", "platforms"),
    [
        ({"os": "linux", "architecture": "arm", "variant": "v7"}, ("linux/arm/v7",)),
        ({"os": "linux", "architecture": "amd64"}, ("linux/amd64",)),
        ({"architecture": "amd64"}, ()),
        ({}, ()),
    ],
)
def test_the_platform_of_an_image(configuration: Any, platforms: tuple[str, ...]) -> None:
    content = text(configuration)
    body = json.dumps({"config": {"mediaType": CONFIG, "digest": of(content).value}, "layers": []})
    with serving(send(content, "application/octet-stream")) as registry:
        assert registry.platforms(Manifest(of(body.encode()), OCI_MANIFEST, body)) == platforms


MADE = {"created_by": "ADD rootfs.tar / # buildkit"}
EMPTY = {"created_by": 'CMD ["sh"]', "empty_layer": True}


@pytest.mark.parametrize(
    ("history", "layers", "steps"),
    [
        ([MADE, EMPTY, {"created_by": "RUN make"}], 2, ("ADD rootfs.tar / # buildkit", "RUN make")),
        ([MADE, {}], 2, ("ADD rootfs.tar / # buildkit", "")),
        ([MADE, EMPTY], 2, ()),  # of a builder that has squashed them
        (None, 1, ()),
    ],
)
def test_what_made_each_layer(history: Any, layers: int, steps: tuple[str, ...]) -> None:
    content = text({"history": history} if history is not None else {})
    entries = [{"mediaType": LAYER, "digest": of(bytes([number])).value} for number in range(layers)]
    body = json.dumps({"config": {"mediaType": CONFIG, "digest": of(content).value}, "layers": entries})
    with serving(send(content, "application/octet-stream")) as registry:
        assert registry.steps(Manifest(of(body.encode()), OCI_MANIFEST, body)) == steps


def test_the_platforms_of_an_index_are_those_of_its_images() -> None:
    def entry(os: str, architecture: str) -> dict[str, Any]:
        platform = {"os": os, "architecture": architecture}
        return {"digest": of(b"x").value, "mediaType": OCI_MANIFEST, "platform": platform}

    entries = [entry("linux", "arm64"), entry("linux", "amd64"), entry("unknown", "unknown")]
    body = json.dumps({"manifests": entries})
    with serving(send(b"")) as registry:
        found = registry.platforms(Manifest(of(body.encode()), OCI_INDEX, body))
    assert found == ("linux/amd64", "linux/arm64")


def test_another_configuration_than_the_manifest_names() -> None:
    with pytest.raises(OddAnswerError) as caught:
        labels_of(b"{}", of(b"another"))
    assert "other bytes" in caught.value.why


def test_referrers_of_every_page_and_only_those_that_are_meant() -> None:
    kind, other = {"artifactType": "a/b", "annotations": {"x": "1"}}, {"artifactType": "a/c"}
    first = [{"digest": of(b"1").value, **kind}, {"digest": of(b"2").value, **other}]
    last = [{"digest": of(b"3").value, **kind}, {"digest": of(b"4").value, **kind, "annotations": {}}]
    asked: list[str] = []

    def pages(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        is_first = "last=" not in request.path
        following = f'</v2/team/app/referrers/{of(GOOD)}?last=2>; rel="next"'
        send(text({"manifests": first if is_first else last}), OCI_INDEX, Link=following if is_first else "")(
            request
        )

    with serving(pages) as registry:
        assert registry.referrers(of(GOOD), "a/b", {"x": "1"}) == {of(b"1"), of(b"3")}
        assert len(registry.referrers(of(GOOD), "", {})) == 4
    assert len(asked) == 4


def test_a_registry_without_referrers_has_none() -> None:
    with serving(send(b"no", status=404)) as registry:
        assert registry.referrers(of(GOOD), "", {}) == frozenset()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "not a JSON object"),
        (text({"manifests": [{}]}), "manifests[0].digest"),
        (text({"manifests": [{"digest": of(b"1").value, "annotations": 7}]}), "annotations"),
    ],
)
def test_what_is_not_a_list_of_referrers(content: bytes, why: str) -> None:
    with serving(send(content, OCI_INDEX)) as registry, pytest.raises(OddAnswerError) as caught:
        registry.referrers(of(GOOD), "", {})
    assert why in caught.value.why


def test_pages_of_referrers_that_go_in_a_circle_have_an_end() -> None:
    link = f'</v2/team/app/referrers/{of(GOOD)}?last=2>; rel="next"'
    with serving(send(text({"manifests": []}), OCI_INDEX, Link=link)) as registry:
        assert registry.referrers(of(GOOD), "", {}) == frozenset()


def test_what_does_not_end_in_bytes_is_bounded() -> None:
    sent = []

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            for _ in range(4 * MOST_BYTES // 2**20):
                sent.append(request.wfile.write(b" " * 2**20))
        except OSError:
            return

    with serving(endless) as registry:
        registry._clock = FakeClock()
        with pytest.raises(OddAnswerError, match="not valid") as caught:
            registry.manifest(of(GOOD))
    assert "larger than 8 MiB" in caught.value.why


def test_what_does_not_end_in_time_is_bounded() -> None:
    def drips(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            for _ in range(100):
                request.wfile.write(b" ")
                request.wfile.flush()
        except OSError:
            return

    with serving(drips) as registry, pytest.raises(RegistryError) as caught:
        registry.manifest(of(GOOD))
    assert f"longer than {MOST_SECONDS:.0f} s" in caught.value.what or "other bytes" in caught.value.why


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, AuthenticationError), (403, AuthenticationError), (404, RegistryError), (418, RegistryError)],
)
def test_refusals(status: int, error: type[RegistryError]) -> None:
    with serving(send(b"no", status=status)) as registry, pytest.raises(error) as caught:
        registry.manifest(of(GOOD))
    assert f"HTTP {status}" in caught.value.why


# urllib3 leaves the sockets of such answers to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("line", [b"not HTTP\r\n\r\n", b"HTTP/1.1 x y\r\n\r\n", b"", b"\xff\xff\r\n\r\n"])
def test_what_is_not_http(line: bytes) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(line)

    with serving(answer) as registry, pytest.raises(RegistryError, match="could not read"):
        registry.manifest(of(GOOD))


def test_a_redirect_to_another_host_does_not_carry_the_login() -> None:
    seen: list[str | None] = []

    def store(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.headers.get("Authorization"))
        send(GOOD)(request)

    with serving(store) as other:
        where = f"http://{other._wire._repository().registry.host}/blob"
        with serving(send(b"", status=307, Location=where)) as registry:
            assert registry.manifest(of(GOOD)).digest == of(GOOD)
    assert seen == [None]
