"""Who may steer the sandbox, and under which names anything may be asked of it at all.

127.0.0.1 can be reached by more than its owner's programs: by other users of the machine, and by every page
in a browser, across sites or under a name of the page's own that resolves to 127.0.0.1 (DNS rebinding).
"""

from __future__ import annotations

import hmac
import ipaddress
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from werkzeug import Request

TOKEN_VARIABLE = "ECR_SANDBOX_TOKEN"  # noqa: S105  (a name)
# A browser adds these, a page cannot keep it from doing so, and other clients do not send them.
# https://fetch.spec.whatwg.org/#forbidden-request-header
_BROWSER_HEADERS = ("Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode")

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_ESTABLISHED = "01"

SameUser = Callable[[Request], bool]


def new_token() -> str:
    """A secret of 256 bits, of characters that a shell leaves alone."""
    return secrets.token_urlsafe(32)


def foreign_host(request: Request) -> str | None:
    """The request's Host, if it is none of this machine's own names: such a request was led astray.

    The port is not looked at: a proxy of the user's may have another one.
    """
    host = request.headers.get("Host", "")
    name = _without_port(host).lower()
    if not host or name == "localhost" or name.endswith(".localhost"):  # RFC 6761, section 6.3
        return None
    try:
        return None if ipaddress.ip_address(name.strip("[]")).is_loopback else host
    except ValueError:
        return host


class SteeringAccess:
    """Decides who may steer: a request under the sandbox's own Host that carries its secret.

    host:       such as `127.0.0.1:5000`.
    same_user:  tells by the kernel's word whether a request comes from a process of the sandbox's own user,
                which then needs no secret; None: all need it. A process of the same user could read the
                secret anyway; a browser is one too, and is known by the headers that it adds.
    """

    def __init__(self, token: str, host: str, same_user: SameUser | None = None) -> None:
        self._token = token.encode()
        self._hosts = (host, f"localhost:{host.rpartition(':')[2]}")
        self._same_user = same_user

    def problem(self, request: Request) -> str:
        """Why a request may not steer; "" if it may."""
        if (host := request.headers.get("Host", "")) not in self._hosts:
            return f"the sandbox is steered under the host {self._hosts[0]}, not {host[:100]!r}"
        given = request.headers.get("Authorization", "").partition(" ")
        if given[0].lower() == "bearer" and hmac.compare_digest(given[2].strip().encode(), self._token):
            return ""
        if not given[0] and self._same_user and not _from_browser(request) and self._same_user(request):
            return ""
        return (
            "steering the sandbox needs its secret, which `ecr-push sandbox` prints as "
            f'{TOKEN_VARIABLE}: send the header "Authorization: Bearer ${TOKEN_VARIABLE}"'
        )


def from_same_user(request: Request) -> bool:
    """Whether the other end of a request's connection belongs to a process of this process's user.

    Asks the kernel, whose table of connections names the owner of each socket (proc(5), /proc/net/tcp). False
    where it does not say: on another system, or for a client in another network namespace.
    """
    environ = request.environ
    try:
        client = _in_table(environ["REMOTE_ADDR"], environ["REMOTE_PORT"])
        server = _in_table("127.0.0.1", environ["SERVER_PORT"])
    except (KeyError, ValueError):
        return False
    # The table is not read at one moment: a line can be missed once.
    return any(set(_owners(client, server)) == {os.geteuid()} for _ in range(2))


def _in_table(address: str, port: str) -> tuple[str, str]:
    """An end of a connection as the kernel writes it: in the table of IPv4, and in that of IPv6, where a
    client may have a socket for 127.0.0.1 as well."""
    found = ipaddress.IPv4Address(address)
    mapped = ipaddress.IPv6Address(f"::ffff:{found}")
    return f"{_words(found.packed)}:{int(port):04X}", f"{_words(mapped.packed)}:{int(port):04X}"


def _words(packed: bytes) -> str:
    """Words of 32 bits in the machine's own order."""
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)


def _owners(client: tuple[str, str], server: tuple[str, str]) -> Iterator[int]:
    """The owners of the established connections from client to server."""
    for table, local, remote in zip(_TABLES, client, server, strict=True):
        try:
            lines = Path(table).read_text("ascii").splitlines()[1:]
        except (OSError, ValueError):
            continue
        for line in lines:
            _, one, other, state, _, _, _, owner, *_ = line.split()
            if (one, other, state) == (local, remote, _ESTABLISHED):
                yield int(owner)


def _from_browser(request: Request) -> bool:
    return any(name in request.headers for name in _BROWSER_HEADERS)


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
