"""The user's own Docker configuration: its settings, and who knows the credentials for a registry.

Nothing of it is copied. Who docker would ask is found as docker's CLI does it; its file is read again each
time that docker asks.
https://docs.docker.com/reference/cli/docker/login/#credential-stores
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SettingsError
from ecr_push.base.parse import read_json
from ecr_push.base.regex import lazy_regex

# docker 28.3 and buildx 0.26 prefer it to the configuration:
# https://docs.docker.com/reference/cli/docker/#environment-variables
FROM_ENVIRONMENT = "DOCKER_AUTH_CONFIG"
# http://user:password@proxy:3128
URL_PASSWORD = lazy_regex(r"://([^/@\s:]*:[^/@\s]+)@")
_HOLDERS = ("auths", "credHelpers", "credsStore")


@dataclass(frozen=True, repr=False)
class Credentials:
    """An answer in the protocol of credential helpers. There is no repr: it would show the secret."""

    username: str
    secret: str


@dataclass(frozen=True)
class Program:
    """A credential helper of the user's that knows the answer: `docker-credential-NAME`."""

    name: str


def read_config(folder: Path) -> Mapping[str, Any]:
    """Returns the config.json of a Docker configuration folder, empty where there is none.

    Raises SettingsError for one that cannot be read: docker would go on without the context, the proxies and
    the credentials in it, perhaps on another engine.
    """
    file = folder / "config.json"
    try:
        found = read_file(file)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise _unreadable(file, error.strerror or str(error)) from error
    except ValueError as error:
        raise _unreadable(file, f"not JSON: {error}") from error
    if not isinstance(found, dict):
        raise _unreadable(file, "not a JSON object")
    for name, kind in (("auths", dict), ("credHelpers", dict), ("credsStore", str), ("currentContext", str)):
        if found.get(name) is not None and not isinstance(found[name], kind):
            raise _unreadable(file, f"`{name}` is not {'a text' if kind is str else 'an object'}")
    return found


def read_file(file: Path) -> Any:
    """Returns a file of JSON below a Docker configuration folder. Raises OSError, ValueError."""
    return read_json(file.read_bytes())


def _unreadable(file: Path, why: str) -> SettingsError:
    return SettingsError(
        [f"Docker's configuration {file} cannot be read: {why}"],
        remedy="fix it, or set DOCKER_CONFIG to a folder with another one",
    )


def without_credentials(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings less everything that holds credentials or says who does."""
    return {name: value for name, value in settings.items() if name not in _HOLDERS}


def proxies_with_a_password(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the proxies that docker hands to each build as arguments, and that hold a password.

    https://docs.docker.com/engine/cli/proxy/
    """
    found = settings.get("proxies")
    several = found.values() if isinstance(found, dict) else ()
    named = [pair for one in several if isinstance(one, dict) for pair in one.items()]
    return tuple(
        sorted({name for name, value in named if isinstance(value, str) and URL_PASSWORD.search(value)})
    )


def read_environment(text: str) -> Mapping[str, Credentials]:
    """The logins in the variable DOCKER_AUTH_CONFIG, by host. Raises ValueError, whose text shows none."""
    if not text:
        return {}
    try:
        auths = read_json(text).get("auths") or {}
        return {host: _decoded(entry["auth"]) for host, entry in auths.items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ValueError(f'{FROM_ENVIRONMENT} is not {{"auths": {{HOST: {{"auth": BASE64}}}}}}') from None


def who_knows(
    host: str, settings: Mapping[str, Any], environment: Mapping[str, Credentials]
) -> Credentials | Program | None:
    """Who would answer docker for host, a name such as ghcr.io or https://index.docker.io/v1/.

    Raises ValueError for an entry that is not valid.
    """
    if host in environment:
        return environment[host]
    helpers = settings.get("credHelpers") or {}
    if name := helpers[host] if host in helpers else settings.get("credsStore"):
        if not isinstance(name, str) or "/" in name:
            raise ValueError("the name of a credential helper is not valid")
        return Program(name)
    entries = settings.get("auths") or {}
    keys = [host] if host in entries else [key for key in entries if bare_host(key) == host]
    return _from_entry(entries[keys[0]]) if keys else None


def bare_host(address: str) -> str:
    """`https://ghcr.io/v1/` -> `ghcr.io`."""
    return re.sub(r"^https?://", "", address).partition("/")[0]


def _from_entry(entry: Any) -> Credentials | None:
    """What a file's entry says. `identitytoken` stands for the user `<token>`, as helpers say it."""
    if not isinstance(entry, dict):
        raise ValueError("an entry of auths is not an object")
    if token := entry.get("identitytoken"):
        return Credentials("<token>", str(token))
    if entry.get("auth"):
        return _decoded(entry["auth"])
    if entry.get("username"):
        return Credentials(str(entry["username"]), str(entry.get("password") or ""))
    return None


def _decoded(auth: Any) -> Credentials:
    try:
        text = base64.b64decode(auth, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, TypeError, ValueError):
        raise ValueError("an entry's `auth` is not base64") from None
    username, colon, secret = text.partition(":")
    if not colon:
        raise ValueError("an entry's `auth` is not USER:PASSWORD")
    return Credentials(username, secret.strip("\0"))
