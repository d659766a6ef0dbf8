"""Reads what is handed on to BuildKit: secrets, SSH agents, contexts, caches and limits, in docker's forms.

Their source: https://docs.docker.com/reference/cli/docker/buildx/build/. What docker would take in another
sense than it looks, or without a word, is refused here. A mistake in a secret does not repeat its text, which
may be the secret itself.
"""

from __future__ import annotations

import csv
import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated

from ecr_push.base.addresses import has_credentials, is_remote, without_user
from ecr_push.base.option import Parsed
from ecr_push.base.regex import lazy_regex

_EXPECTED = "expected id=ID,env=NAME or id=ID,src=FILE"
_SECRET_KEYS = {"id": "id", "src": "src", "source": "src", "env": "env", "type": "type"}
_ID = r"[A-Za-z0-9_.:-]+"  # with the port of GIT_AUTH_TOKEN.HOST:PORT
# What a cache's attribute may hold that must not be on a command line.
_HIDDEN = lazy_regex(r"(?:.*_)?(?:(?:gh)?token|key|secret|password|account_key)(?:_id)?", re.IGNORECASE)
_CACHE_TYPES = ("registry", "gha", "local", "inline", "s3", "azblob")
IMAGE = "docker-image://"
# A whole value, so that nothing else is taken for an image: an argument may be a secret.
_PINNED = lazy_regex(r"([a-z0-9][A-Za-z0-9._:/\[\]-]{0,511})@(sha256:[0-9a-f]{64})")
_ENTITLEMENTS = ("network.host", "security.insecure", "device")


def pairs(text: str) -> dict[str, str]:
    """key -> value of docker's `a=1,b=2`, a line of CSV. Raises ValueError for a field without `=`."""
    fields = next(csv.reader([text], strict=True), [])
    found = [field.partition("=") for field in fields]
    if not all(key and equals for key, equals, _ in found):
        raise ValueError("a field has no '='")
    return {key.strip().lower(): value for key, _, value in found}


def secret_of(text: str) -> tuple[str, str, str]:
    """(id, file, variable) of a secret; either of the last two is empty. Raises ValueError.

    Without both, the variable of that name, as docker does where there is one.
    """
    try:
        given = pairs(text)
    except (ValueError, csv.Error):
        raise ValueError(_EXPECTED) from None
    named = {_SECRET_KEYS.get(key, ""): value for key, value in given.items()}
    if "" in named or len(named) != len(given) or not re.fullmatch(_ID, named.get("id", "")):
        raise ValueError(_EXPECTED)
    kind, file, variable = named.get("type", ""), named.get("src", ""), named.get("env", "")
    if kind not in ("", "file", "env") or (file and variable) or (kind == "file" and variable):
        raise ValueError(_EXPECTED)
    if kind == "env" and file:  # docker's older form: type=env,src=NAME
        file, variable = "", file
    if not file and not variable:
        if kind == "file":
            raise ValueError(_EXPECTED)
        variable = named["id"]
    return named["id"], file, variable


def _secret(text: str) -> str:
    identity, file, variable = secret_of(text)
    found = f"id={identity},env={variable}" if variable else f"id={identity},src={file}"
    return found if not re.search(r'[,"\n]', file + variable) else _refused("no comma or quote in a path")


def _refused(why: str) -> str:
    raise ValueError(f"{_EXPECTED}, with {why}")


def ssh_of(text: str) -> tuple[str, tuple[str, ...]]:
    """(id, sockets or keys) of `default` or `ID=FILE[,FILE]`."""
    identity, _, files = text.partition("=")
    return identity, tuple(filter(None, files.split(",")))


def _ssh(text: str) -> str:
    identity, files = ssh_of(text)
    if not re.fullmatch(_ID, identity) or ("=" in text and not files):
        raise ValueError(f"{text!r}: expected default, or ID=SOCKET, or ID=KEY")
    return text


def context_of(text: str) -> tuple[str, str]:
    """(name, what it is) of a named context."""
    name, _, value = text.partition("=")
    return name, value


def pinned_image(value: str) -> tuple[str, str] | None:
    """The name and the digest of an image by digest, as a context or a build argument has it; else None."""
    found = _PINNED.fullmatch(value.removeprefix(IMAGE))
    return (found[1], found[2]) if found else None


def without_digest(value: str) -> str:
    """Such an image by its name alone; any other value as it is."""
    found = pinned_image(value)
    return found[0] if found else value


def is_folder(value: str) -> bool:
    """Whether a named context is a folder of this machine."""
    return not is_remote(value) and not value.startswith((IMAGE, "oci-layout://"))


def folder_of(value: str) -> str:
    """The folder of this machine that a named context is or lies in; "" for any other."""
    if value.startswith("oci-layout://"):
        return value.removeprefix("oci-layout://").partition("@")[0]
    return value if is_folder(value) else ""


def _context(text: str) -> str:
    name, value = context_of(text)
    if not name or not value:
        raise ValueError(f"{without_user(text)!r}: expected NAME=DIR, or NAME=docker-image://IMAGE")
    if re.search("[A-Z]", re.split("[:@]", name.rpartition("/")[2])[0]):
        raise ValueError(f"{without_user(text)!r}: docker takes names of contexts in lower case alone")
    if match := re.match("(docker-image|oci-layout)(?!://)(?://|:)", value):
        raise ValueError(f"{text!r}: expected {match[1]}:// with two slashes behind the colon")
    if value.startswith("target:"):
        raise ValueError(f"{text!r}: target: belongs to `docker buildx bake`; name a stage in the Dockerfile")
    if is_remote(value) and has_credentials(value):
        raise ValueError(
            f"{without_user(text)!r}: no credentials in an address: they would be on docker's command line. "
            "Give BuildKit the secret GIT_AUTH_TOKEN, or clone it before"
        )
    return text


def cache_of(text: str) -> Mapping[str, str]:
    """The attributes of a cache; `REPOSITORY:TAG` alone is a cache in a registry, as docker has it."""
    return pairs(text) if "=" in text else {"type": "registry", "ref": text}


def _cache(text: str) -> str:
    if text in (*_CACHE_TYPES, "ecr"):  # docker takes it for an image of this name
        own = f"; `--cache {text}` reads and writes one of the branch" if text in ("ecr", "gha") else ""
        raise ValueError(f"{text!r}: expected type=TYPE,NAME=VALUE, or IMAGE:TAG{own}")
    try:
        given = cache_of(text)
    except (ValueError, csv.Error):
        raise ValueError(f"{text.partition('=')[0]!r}…: expected type=TYPE,NAME=VALUE, or IMAGE") from None
    if given.get("type") not in _CACHE_TYPES:
        raise ValueError(f"type={given.get('type', '')}: expected one of {', '.join(_CACHE_TYPES)}")
    if hidden := [name for name in given if _HIDDEN.fullmatch(name)]:
        raise ValueError(
            f"{hidden[0]} would be on docker's command line: leave it out, and docker takes it from the "
            "environment (AWS_…, ACTIONS_RUNTIME_TOKEN)"
        )
    if given["type"] == "registry" and not given.get("ref"):
        raise ValueError("type=registry needs ref=REPOSITORY:TAG")
    if given["type"] == "local" and not (given.get("src") or given.get("dest")):
        raise ValueError("type=local needs src=DIR to read, dest=DIR to write")
    return text


def host_of(text: str) -> tuple[str, str]:
    """(name, address) of `NAME:IP` or `NAME=IP`."""
    at = min((text.find(sign) for sign in ":=" if sign in text), default=-1)
    return (text[:at], text[at + 1 :].strip("[]")) if at > 0 else ("", "")


def _host(text: str) -> str:
    name, address = host_of(text)
    try:
        if address != "host-gateway":
            ipaddress.ip_address(address)
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
            raise ValueError
    except ValueError:
        raise ValueError(f"{text!r}: expected NAME:IP, such as build.internal:10.0.0.7") from None
    return f"{name}:{address}"


def _ulimit(text: str) -> str:
    if not re.fullmatch(r"[a-z]+=-?\d+(:-?\d+)?", text):
        raise ValueError(f"{text!r}: expected NAME=SOFT[:HARD], such as nofile=1024:4096")
    return text


def _size(text: str) -> str:
    if not re.fullmatch(r"\d+(\.\d+)? ?([kmgt]i?)?b?", text, re.IGNORECASE):
        raise ValueError(f"{text!r}: expected a size, such as 256m or 2g")
    return text


def _entitlement(text: str) -> str:
    if text.partition("=")[0] not in _ENTITLEMENTS:
        raise ValueError(f"{text!r}: expected {', '.join(_ENTITLEMENTS[:-1])} or device=NAME")
    return text


Secret = Annotated[str, Parsed(_secret)]
Ssh = Annotated[str, Parsed(_ssh)]
NamedContext = Annotated[str, Parsed(_context)]
Cache = Annotated[str, Parsed(_cache)]
Host = Annotated[str, Parsed(_host)]
Ulimit = Annotated[str, Parsed(_ulimit)]
Size = Annotated[str, Parsed(_size)]
Entitlement = Annotated[str, Parsed(_entitlement)]
