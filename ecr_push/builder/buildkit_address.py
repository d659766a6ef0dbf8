"""The address of a BuildKit, as BUILDKIT_HOST and `docker buildx create --driver remote` take it. Pure.

https://docs.docker.com/build/builders/drivers/remote/
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from urllib.parse import urlsplit

from ecr_push.base.dataclass import dataclass
from ecr_push.base.suggest import did_you_mean

FILES = ("cacert", "cert", "key")
_TLS = (*FILES, "servername")
# What buildx starts to reach it: https://docs.docker.com/build/building/variables/#buildkit_host
PROGRAMS: Mapping[str, str] = {
    "tcp": "",
    "unix": "",
    "docker-container": "docker",
    "kube-pod": "kubectl",
    "ssh": "ssh",
}
_EXPECTED = "expected tcp://HOST:PORT, unix:///SOCKET, kube-pod://POD, docker-container://NAME or ssh://HOST"


@dataclass(frozen=True)
class Address:
    """url: such as tcp://buildkit:1234. tls: the options of buildx's driver for it, none without TLS."""

    url: str
    tls: tuple[tuple[str, str], ...] = ()

    @property
    def scheme(self) -> str:
        return self.url.partition("://")[0]

    @property
    def needs_aws(self) -> bool:
        """Whether what reaches it may log in with AWS: kubectl to EKS, ssh through Systems Manager."""
        return self.scheme in ("kube-pod", "ssh")


def is_address(builder: str) -> bool:
    """Whether a builder is named by its address."""
    return "://" in builder


def address_of(text: str) -> Address:
    """What `tcp://HOST:PORT,cacert=FILE,cert=FILE,key=FILE` stands for. Raises ValueError."""
    url, *fields = next(csv.reader([text]), [""])
    scheme, sign, _ = url.partition("://")
    if not sign:
        raise ValueError(f"{url!r}: {_EXPECTED}")
    if scheme not in PROGRAMS:
        raise ValueError(f"{scheme}:// leads to no BuildKit{did_you_mean(scheme, PROGRAMS)}: {_EXPECTED}")
    _check_place(url)
    tls: dict[str, str] = {}
    for field in fields:
        name, equals, value = field.partition("=")
        if name not in _TLS or not equals or not value:
            guess = did_you_mean(name, _TLS)
            raise ValueError(f"{name!r} after {url}{guess}: expected {', '.join(_TLS)}, each with =VALUE")
        tls[name] = value
    if tls and scheme != "tcp":
        raise ValueError(f"{url}: tcp:// alone has TLS")
    if tls and "cacert" not in tls:
        raise ValueError(f"{url}: TLS needs cacert=FILE, the authority of BuildKit's certificate")
    if ("cert" in tls) != ("key" in tls):
        raise ValueError(f"{url}: cert=FILE and key=FILE belong together")
    return Address(url, tuple(tls.items()))


def _check_place(url: str) -> None:
    parts = urlsplit(url)
    try:
        has_port = bool(parts.hostname and parts.port)
    except ValueError:
        has_port = False
    if parts.scheme == "tcp" and (not has_port or parts.path.strip("/") or "@" in parts.netloc):
        raise ValueError(f"{url!r}: expected tcp://HOST:PORT")
    if parts.scheme == "unix" and (parts.netloc or len(parts.path) < 2):
        raise ValueError(f"{url!r}: expected unix:///PATH/OF/SOCKET")
    if parts.scheme not in ("tcp", "unix") and not parts.netloc:
        raise ValueError(f"{url!r}: {_EXPECTED}")
