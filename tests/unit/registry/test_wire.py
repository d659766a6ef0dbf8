"""Which way a request to a registry takes: direct, or through the proxy of the environment."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from ecr_push.registry.interface import Login
from ecr_push.registry.wire import Wire
from tests.support.fakes import HOST, REPOSITORY, START

URL = f"https://{HOST}/v2/team/app/manifests/latest"


def pool(url: str = URL, *, is_local: bool = False, authorities: str = "") -> Any:
    login = Login(HOST, "AWS", "dummy", START + timedelta(hours=12))
    wire = Wire(lambda: REPOSITORY, lambda: login, lambda refused: None, "Basic", lambda: authorities)
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
