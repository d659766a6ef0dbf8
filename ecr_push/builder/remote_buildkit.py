"""A BuildKit at an address: made known to buildx, and asked before it is used.

buildx takes names alone, so the address becomes a builder in a folder of the run's own. And it waits for 20
seconds for one that does not answer, and does not say why it does not.
"""

from __future__ import annotations

import contextlib
import ipaddress
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ecr_push.base import process
from ecr_push.base.errors import BuildError
from ecr_push.base.log import Narrator
from ecr_push.builder.buildkit_address import FILES, PROGRAMS, Address

FROM_ENVIRONMENT = "BUILDKIT_HOST"
NAME = "ecr-push"
TIMEOUT_SECONDS = 5.0
# How a client begins, and a frame of settings without any: https://www.rfc-editor.org/rfc/rfc9113#section-3.4
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
_FRAME_BYTES = 9
_SETTINGS = 4  # the type of the first frame of every server
_TLS_ALERT = b"\x15"


def register(
    address: Address, folder: Path, program: tuple[str, ...], environ: Mapping[str, str]
) -> dict[str, str]:
    """Makes it the builder NAME. Returns environ for a buildx that knows this one alone, kept in folder.

    Raises BuildError where buildx refuses it.
    """
    there = {**environ, "BUILDX_CONFIG": str(folder / "builders")}
    made = process.run(create_command(address, program), environ=there)
    if not made.ok:
        why = " ".join(made.output[-1:]).removeprefix("ERROR: ")
        raise BuildError(f"buildx takes no builder at {address.url}", why=why)
    return there


def create_command(address: Address, program: tuple[str, ...]) -> tuple[str, ...]:
    """What makes it known, also by hand."""
    options = tuple(
        f"--driver-opt={name}={Path(value).absolute() if name in FILES else value}"
        for name, value in address.tls
    )
    return (*program, "create", f"--name={NAME}", "--driver=remote", *options, address.url)


def check_address(address: Address, environ: Mapping[str, str], narrator: Narrator) -> None:
    """Raises BuildError for one that cannot be reached, after seconds."""
    program = PROGRAMS.get(address.scheme, "")
    if program and not shutil.which(program, path=environ.get("PATH", "")):
        raise BuildError(
            f"{address.url} is reached through {program}, which is not in the PATH",
            remedy=f"install {program}",
        )
    files = [(name, value) for name, value in address.tls if name in FILES]
    if missing := [f"{name}={value}" for name, value in files if not Path(value).is_file()]:
        raise BuildError(
            f"the certificates for {address.url} are not there: {', '.join(missing)}",
            remedy="correct the paths; relative ones start at the working directory",
        )
    if why := _why_not(address):
        raise BuildError(
            f"no BuildKit answers at {address.url}",
            why=why,
            remedy="start buildkitd there, or correct the address and its certificates, which are those of "
            "--builder, BUILDKIT_HOST, or `docker buildx create`",
        )
    if address.scheme == "tcp" and not address.tls and not _is_on_this_machine(address):
        narrator.warn(
            f"{address.url} is used without TLS: the registry's login and the build's secrets go over the "
            "network in clear. Give --builder ADDRESS,cacert=FILE,cert=FILE,key=FILE"
        )


def _is_on_this_machine(address: Address) -> bool:
    host = urlsplit(address.url).hostname or ""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _why_not(address: Address) -> str:
    """Why nothing there speaks HTTP/2; "" where it does, and where another program leads to it."""
    if address.scheme not in ("tcp", "unix"):
        return ""
    import ssl  # with a BuildKit alone

    try:
        with _connected(address) as connection:
            connection.sendall(_HELLO)
            answer = connection.recv(_FRAME_BYTES)
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is not accepted: {error.verify_message}"
    except ssl.SSLError as error:
        return f"TLS fails: {(error.reason or str(error)).lower().replace('_', ' ')}"
    except ConnectionResetError:
        answer = b""
    except TimeoutError:
        return f"it does not answer within {TIMEOUT_SECONDS:g} s"
    except OSError as error:
        return error.strerror or str(error)
    if len(answer) == _FRAME_BYTES and answer[3] == _SETTINGS:
        return ""
    if answer and not answer.startswith(_TLS_ALERT):
        return "what answers there speaks no HTTP/2, as BuildKit does"
    perhaps = "" if address.tls else "; if it asks for TLS, give ADDRESS,cacert=FILE,cert=FILE,key=FILE"
    return f"it ends the connection{perhaps}"


def _connected(address: Address) -> socket.socket:
    """Raises OSError."""
    with contextlib.ExitStack() as opened:
        parts = urlsplit(address.url)
        if address.scheme == "unix":
            found = opened.enter_context(socket.socket(socket.AF_UNIX))
            found.settimeout(TIMEOUT_SECONDS)
            found.connect(parts.path)
        else:
            place = (str(parts.hostname), parts.port or 0)
            found = opened.enter_context(socket.create_connection(place, TIMEOUT_SECONDS))
        if address.tls:
            import ssl

            given = dict(address.tls)
            context = ssl.create_default_context(cafile=given["cacert"])
            if "cert" in given:
                context.load_cert_chain(given["cert"], given["key"])
            context.set_alpn_protocols(["h2"])
            found = context.wrap_socket(found, server_hostname=given.get("servername") or parts.hostname)
        opened.pop_all()
        return found
