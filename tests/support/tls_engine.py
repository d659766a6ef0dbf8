"""The real engine behind TLS: a server on 127.0.0.1 that asks for a certificate and passes everything on."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
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
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, context), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def _serve(server: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            accepted, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_pass_on, args=(accepted, context), daemon=True).start()


def _pass_on(accepted: socket.socket, context: ssl.SSLContext) -> None:
    with (
        contextlib.suppress(OSError),
        accepted,
        socket.socket(socket.AF_UNIX) as engine,
        context.wrap_socket(accepted, server_side=True) as client,
    ):
        engine.connect(ENGINE)
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
