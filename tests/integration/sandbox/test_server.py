"""The sandbox over real sockets: connections, bodies, faults, its beginning and its end."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.sandbox.scenario import parse_scenario
from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support.command_line import until
from tests.support.sandbox.client import Client
from tests.support.sandbox.process import served

CONTENT = b"0123456789abcdef" * 65_536  # 1 MiB
DIGEST = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        sandbox.state.repositories.create("private", "app")
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    client = Client.of(sandbox)
    yield client
    client.close()


def test_the_environment_points_every_aws_client_here(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "none-such")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "stale")
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    [repository] = boto3.client("ecr").describe_repositories()["repositories"]
    assert repository["repositoryUri"] == f"{sandbox.host}/app"
    assert boto3.client("sts").get_caller_identity()["Account"] == sandbox.options.account
    command = [str(Path(sys.executable).with_name("aws")), "ecr", "get-login-password"]
    password = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    assert sandbox.tokens.check("AWS", password, "private") == "valid"


def test_the_two_registries_have_two_hosts(sandbox: Sandbox) -> None:
    assert sandbox.host != sandbox.public_host
    for host, scheme in ((sandbox.host, "Basic"), (sandbox.public_host, "Bearer")):
        with Client(host) as client:
            status, headers, _ = client.send("GET", "/v2/")
        assert (status, headers["WWW-Authenticate"].split()[0]) == (401, scheme)


def steer(host: str, method: str = "PUT", **headers: str) -> int:
    with Client(host) as client:
        return client.send(method, "/_sandbox/scenario", b"{}" if method == "PUT" else None, **headers)[0]


def test_it_is_steered_with_its_secret_alone(sandbox: Sandbox) -> None:
    for host in (sandbox.host, sandbox.public_host):
        for method in ("GET", "PUT", "DELETE"):
            assert steer(host, method) == 403
            assert steer(host, method, Authorization=f"Bearer {sandbox.token}") in (200, 204)


def test_a_program_of_the_same_user_steers_where_that_is_wanted() -> None:
    with Sandbox(SandboxOptions(same_user_steers=True)) as sandbox:
        assert steer(sandbox.host) == 200
        assert steer(sandbox.host, Authorization="Bearer wrong") == 403
        assert steer(sandbox.host, Origin="http://page.example") == 403
        assert steer(sandbox.host, Host=f"page.example:{sandbox.host.rpartition(':')[2]}") == 421
        with socket.create_connection(("localhost", int(sandbox.host.rpartition(":")[2]))) as other:
            host = f"localhost:{other.getpeername()[1]}".encode()
            other.sendall(b"GET /_sandbox/clock HTTP/1.1\r\nConnection: close\r\nHost: " + host + b"\r\n\r\n")
            assert b" 200 " in other.makefile("rb").readline()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_another_user_of_the_machine_does_not_steer_it() -> None:
    put = [
        "curl",
        "--silent",
        "--output",
        "/dev/null",
        "--write-out",
        "%{http_code}",
        "-X",
        "PUT",
        "-d",
        "{}",
    ]
    with Sandbox(SandboxOptions(same_user_steers=True)) as sandbox:
        url = f"{sandbox.url}/_sandbox/scenario"
        mine = subprocess.run([*put, url], check=True, capture_output=True, text=True)
        other = subprocess.run([*put, url], check=True, capture_output=True, text=True, user=65_534)
    assert (mine.stdout, other.stdout) == ("200", "403")


def test_a_name_of_another_machine_is_refused_everywhere(sandbox: Sandbox) -> None:
    """As a page in a browser would ask whose name resolves to 127.0.0.1."""
    for host in (sandbox.host, sandbox.public_host):
        for method, path in (("GET", "/v2/"), ("POST", "/"), ("GET", "/_sandbox/clock"), ("GET", "/token/")):
            with Client(host) as client:
                status, _, said = client.send(method, path, Host="page.example")
            assert (status, b"under 127.0.0.1 and localhost alone" in said) == (421, True), (host, path)


def test_every_way_to_send_a_body_leaves_the_connection_usable(client: Client) -> None:
    pieces = [CONTENT[at : at + 100_000] for at in range(0, len(CONTENT), 100_000)]
    for body in (CONTENT, pieces, [CONTENT]):
        location = client.start_upload()
        status, headers, _ = client.send("PATCH", location, body)
        assert (status, headers["Range"]) == (202, f"0-{len(CONTENT) - 1}")
        assert client.send("PUT", f"{location}?digest={DIGEST}")[0] == 201
    assert client.send("HEAD", f"/v2/app/blobs/{DIGEST}")[1]["Content-Length"] == str(len(CONTENT))
    assert client.send("GET", f"/v2/app/blobs/{DIGEST}")[2] == CONTENT
    assert client.send("GET", f"/v2/app/blobs/{DIGEST}", Range="bytes=16-31")[2] == CONTENT[:16]


@pytest.mark.parametrize("body", [CONTENT * 8, [CONTENT] * 8], ids=["length", "chunked"])
def test_an_unread_body_leaves_the_connection_usable(sandbox: Sandbox, body: bytes | list[bytes]) -> None:
    sockets = []
    with Client(sandbox.host) as client:
        for _ in range(2):
            status, _, text = client.send("PATCH", "/v2/app/blobs/uploads/x", body)
            assert (status, text) == (401, b"Not Authorized\n")
            sockets.append(client.connection.sock)
    assert sockets[0] is sockets[1] is not None


def test_a_client_may_ask_before_it_sends(sandbox: Sandbox, client: Client) -> None:
    location = client.start_upload().removeprefix(sandbox.url)
    token = sandbox.tokens.issue("0", "private").authorization
    host, _, port = sandbox.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as raw:
        raw.sendall(
            f"PATCH {location} HTTP/1.1\r\nHost: {sandbox.host}\r\nAuthorization: Basic {token}\r\n"
            "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n".encode()
        )
        assert raw.recv(1_000).startswith(b"HTTP/1.1 100 ")
        raw.sendall(b"hello")
        assert raw.recv(1_000).startswith(b"HTTP/1.1 202 ")


def test_an_upload_can_resume_after_a_disconnect(sandbox: Sandbox, client: Client) -> None:
    location = client.start_upload()
    token = sandbox.tokens.issue("0", "private").authorization
    host, _, port = sandbox.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as raw:
        raw.sendall(
            f"PATCH {location.removeprefix(sandbox.url)} HTTP/1.1\r\nHost: {sandbox.host}\r\n"
            f"Authorization: Basic {token}\r\nContent-Length: {len(CONTENT)}\r\n\r\n".encode()
        )
        raw.sendall(CONTENT[:500_000])
    until(lambda: client.send("GET", location)[1]["Range"] == "0-499999", "what was sent")
    assert client.send("PUT", f"{location}?digest={DIGEST}", CONTENT[500_000:])[0] == 201


def test_layers_come_in_parallel(sandbox: Sandbox) -> None:
    def push(number: int) -> int:
        content = CONTENT + str(number).encode()
        digest = hashlib.sha256(content).hexdigest()
        with Client.of(sandbox) as client:
            return client.send("POST", f"/v2/app/blobs/uploads/?digest=sha256:{digest}", content)[0]

    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(push, range(64))) == {201}


@pytest.mark.parametrize(
    ("drop", "error"),
    [("before", http.client.RemoteDisconnected), ("during", http.client.IncompleteRead)],
)
def test_a_dropped_connection_is_dropped(
    sandbox: Sandbox, client: Client, drop: str, error: type[Exception]
) -> None:
    client.send("POST", f"/v2/app/blobs/uploads/?digest={DIGEST}", CONTENT)
    sandbox.faults.play(parse_scenario(f"faults: [{{plane: v2, operation: GetBlob, drop: {drop}}}]"))
    with pytest.raises(error):
        client.send("GET", f"/v2/app/blobs/{DIGEST}")
    client.close()
    assert client.send("GET", f"/v2/app/blobs/{DIGEST}")[2] == CONTENT


def test_it_stops_during_a_request_and_leaves_nothing() -> None:
    before = set(threading.enumerate())
    with Sandbox() as sandbox:
        folder = Path(sandbox.environment["AWS_CONFIG_FILE"]).parent
        idle, waiting = Client.of(sandbox), Client.of(sandbox)
        assert idle.send("GET", "/v2/")[0] == 200
        sandbox.faults.forget()
        sandbox.faults.play(parse_scenario("latency: {v2: 3600}"))
        waiting.connection.request("GET", "/v2/")
        until(lambda: sandbox.faults.requests()["v2"], "the request")
    assert not folder.exists()
    until(lambda: not set(threading.enumerate()) - before, "its threads to end")
    idle.close()
    waiting.close()


def test_a_port_in_use(sandbox: Sandbox) -> None:
    port = int(sandbox.host.partition(":")[2])
    with pytest.raises(SettingsError, match=f"port {port} is in use: give another --port"):
        Sandbox(SandboxOptions(port=port)).__enter__()


def test_an_invalid_scenario(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yml"
    file.write_text("latancy: 1\ntoken: {life: -1}")
    with pytest.raises(SettingsError, match="the settings are wrong in 2 places"):
        Sandbox(SandboxOptions(scenario=file)).__enter__()


def test_a_killed_sandbox_restarts_with_its_content(tmp_path: Path) -> None:
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/json", "digest": DIGEST, "size": len(CONTENT)},
            "layers": [],
        }
    ).encode()
    with served(tmp_path) as first, first.client() as client:
        assert client.send("POST", f"/v2/app/blobs/uploads/?digest={DIGEST}", CONTENT)[0] == 201
        assert client.send("PUT", "/v2/app/manifests/1.0", manifest)[0] == 201
        client.send("PATCH", client.start_upload(), CONTENT)
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait(60)
    with served(tmp_path) as second, second.client() as client:
        assert client.send("GET", "/v2/app/manifests/1.0")[2] == manifest
        assert client.send("GET", f"/v2/app/blobs/{DIGEST}")[2] == CONTENT


def test_a_signal_ends_it() -> None:
    with served() as running, running.client() as client:
        client.send("GET", "/v2/")
        running.process.terminate()
        assert running.process.wait(60) == 143
