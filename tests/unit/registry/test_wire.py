"""Which way a request to a registry takes: direct, or through the proxy of the environment."""

from __future__ import annotations

import base64
import socket
from datetime import timedelta
from typing import Any

import pytest
import urllib3
from urllib3.connection import HTTPSConnection

from ecr_push.registry.interface import Login
from ecr_push.registry.layer_api import TransferError
from ecr_push.registry.wire import Wire, _retries, _text
from tests.support.fakes import HOST, REPOSITORY, START

URL = f"https://{HOST}/v2/team/app/manifests/latest"


def wire_to(authorities: str = "") -> Wire:
    login = Login(HOST, "AWS", "dummy", START + timedelta(hours=12))
    return Wire(lambda: REPOSITORY, lambda: login, lambda refused: None, "Basic", lambda: authorities)


def pool(url: str = URL, *, is_local: bool = False, authorities: str = "") -> Any:
    wire = wire_to(authorities)
    made = wire._pool(url, is_local=is_local)
    assert wire._pool(url, is_local=is_local) is made  # connections are kept
    return made


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_proxy_it_is_direct() -> None:
    assert pool().proxy is None


@pytest.mark.parametrize("proxy", ["http://proxy.example:3128", "proxy.example:3128"])
def test_the_environments_proxy_is_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    found = pool().proxy
    assert (found.scheme, found.host, found.port) == ("http", "proxy.example", 3128)


def test_with_its_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:p%40ss@proxy.example:3128")
    headers = pool().proxy_headers
    assert headers == {"proxy-authorization": f"Basic {base64.b64encode(b'me:p@ss').decode()}"}


@pytest.mark.parametrize("none", [".amazonaws.com", HOST, "*"])
def test_what_no_proxy_names_is_direct(monkeypatch: pytest.MonkeyPatch, none: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", none)
    assert pool().proxy is None
    assert pool("https://elsewhere.example/x").proxy is None or none != "*"


def test_a_registry_on_this_machine_is_direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert pool("http://127.0.0.1:5000/v2/", is_local=True).proxy is None


def test_the_certificates_that_the_sdk_uses() -> None:
    assert pool(authorities="/etc/proxy.pem").connection_pool_kw["ca_certs"] == "/etc/proxy.pem"


CONNECTION = HTTPSConnection("r.example", 443)
UNKNOWN = urllib3.exceptions.NameResolutionError("r.example", CONNECTION, socket.gaierror("unknown"))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            urllib3.exceptions.MaxRetryError(urllib3.HTTPSConnectionPool("r.example"), "/v2/", UNKNOWN),
            "Failed to resolve 'r.example' (unknown)",
        ),
        (
            urllib3.exceptions.MaxRetryError(
                urllib3.HTTPSConnectionPool("r.example"),
                "/v2/",
                urllib3.exceptions.ConnectTimeoutError(CONNECTION, "Connection to r.example timed out."),
            ),
            "Connection to r.example timed out.",
        ),
        (urllib3.exceptions.ProtocolError("Connection broken"), "Connection broken"),
        (OSError("no\nroute"), "no route"),
    ],
)
def test_a_failure_is_its_cause_without_what_a_library_prints_around_it(error: Exception, text: str) -> None:
    assert _text(error) == text


@pytest.mark.parametrize("again", [4, 0, None])
@pytest.mark.parametrize(
    ("url", "location", "follows"),
    [
        (URL, "https://blobs.example/x", True),
        (URL, "/v2/elsewhere", True),
        ("http://127.0.0.1:5000/v2/", "http://127.0.0.1:5001/x", True),
        (URL, "http://169.254.169.254/latest/meta-data/", False),
        (URL, "HTTP://blobs.example/x", False),
        (URL, "file:///etc/passwd", False),
    ],
)
def test_a_redirect_does_not_leave_https(url: str, location: str, follows: bool, again: int | None) -> None:
    answer = urllib3.HTTPResponse(status=307, headers={"Location": location})
    retries = _retries("GET", again)
    if follows:
        assert type(retries.increment("GET", url, response=answer, _pool=CONNECTION)) is type(retries)
        return
    with pytest.raises(urllib3.exceptions.MaxRetryError) as raised:
        retries.increment("GET", url, response=answer, _pool=CONNECTION)
    assert _text(raised.value) == "it leads from HTTPS to an address that is not"


def test_an_address_of_the_registrys_that_is_none_is_an_error_of_its() -> None:
    with pytest.raises(TransferError, match="names an address that is none"):
        wire_to().asked("GET", "https://[", (200,)).__enter__()
