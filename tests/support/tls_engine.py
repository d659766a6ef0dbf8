"""The real engine, and the BuildKit in it, behind a server on 127.0.0.1 that passes everything on.

With TLS, it asks for a certificate. An engine has its BuildKit behind an upgrade of its API to HTTP/2, where
docker's own driver of buildx finds it: https://github.com/moby/moby/blob/v28.5.2/api/server/router/grpc/grpc_routes.go
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

ENGINE = os.environ.get("DOCKER_HOST", "").removeprefix("unix://") or "/var/run/docker.sock"


def certificates(folder: Path) -> Path:
    """ca.pem, cert.pem and key.pem of a client, and server.pem with its key: all of one authority."""
    folder.mkdir()

    def openssl(*words: str) -> None:
        subprocess.run(("openssl", *words), cwd=folder, check=True, capture_output=True)

    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    openssl(*new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority")
    for name, use in (("server", "serverAuth"), ("cert", "clientAuth")):
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-addext", f"extendedKeyUsage={use}")
        names = ("-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE")
        openssl(
            *new, *signed, *names, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}"
        )
    (folder / "cert.key").rename(folder / "key.pem")
    return folder


@contextlib.contextmanager
def tls_engine(folder: Path) -> Iterator[str]:
    """The address of the engine for clients of the authority in folder: tcp://127.0.0.1:PORT."""
    with _server(_asks_for_certificates(folder), _engine) as server:
        yield server.address


@contextlib.contextmanager
def buildkit(folder: Path | None = None) -> Iterator[Server]:
    """A BuildKit without an engine around it: for clients of the authority in folder, or without TLS."""
    with _server(_asks_for_certificates(folder) if folder else None, _buildkit) as server:
        yield server


class Server:
    """Where it listens, and an end to every connection, as of a BuildKit that dies."""

    def __init__(self, listening: socket.socket) -> None:
        self.address = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        self.listening = listening
        self.open: set[socket.socket] = set()

    def die(self) -> None:
        for one in (self.listening, *tuple(self.open)):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)
        self.listening.close()


def _asks_for_certificates(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@contextlib.contextmanager
def _server(context: ssl.SSLContext | None, connect: Callable[[], socket.socket]) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(listening)
        threading.Thread(target=_serve, args=(server, context, connect), daemon=True).start()
        yield server


def _engine() -> socket.socket:
    engine = socket.socket(socket.AF_UNIX)
    engine.connect(ENGINE)
    return engine


def _buildkit() -> socket.socket:
    engine = _engine()
    engine.sendall(b"POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += engine.recv(1)
    assert b" 101 " in head, head
    return engine


def _serve(server: Server, context: ssl.SSLContext | None, connect: Callable[[], socket.socket]) -> None:
    while True:
        try:
            accepted, _ = server.listening.accept()
        except OSError:
            return
        server.open.add(accepted)
        threading.Thread(target=_pass_on, args=(accepted, context, connect), daemon=True).start()


def _pass_on(
    accepted: socket.socket, context: ssl.SSLContext | None, connect: Callable[[], socket.socket]
) -> None:
    with (
        contextlib.suppress(OSError),
        accepted,
        connect() as engine,
        context.wrap_socket(accepted, server_side=True) if context else accepted as client,
    ):
        back = threading.Thread(target=_copy, args=(engine, client), daemon=True)
        back.start()
        _copy(client, engine)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
    with contextlib.suppress(OSError):  # not `SSLSocket.shutdown`, after which nothing could be read
        socket.socket.shutdown(target, socket.SHUT_WR)
