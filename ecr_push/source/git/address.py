"""Addresses of git remotes and messages of git without credentials."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ecr_push.base.addresses import public_address
from ecr_push.base.regex import lazy_regex

# `git@github.com:acme/app.git`; a colon before the first slash, https://git-scm.com/docs/git-clone#_git_urls
_SCP_LIKE = lazy_regex(r"(?:[^@/]+@)?(?P<host>[A-Za-z0-9.-]+):(?P<path>[^/].*)")
# https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-git-remote-codecommit.html
_CODECOMMIT = lazy_regex(r"codecommit::(?P<region>[a-z0-9-]+)://(?:[^@/]*@)?(?P<name>[A-Za-z0-9._-]+)")

_AUTHORIZATION = lazy_regex(r"(authorization: *(?:basic|bearer)?) *\S+", re.IGNORECASE)
_UNPRINTABLE = lazy_regex(r"(?:\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f])")
_LONGEST_TEXT = 1000  # characters


def public_text(text: str) -> str:
    """A message of git or a remote, safe to show.

    Without credentials in addresses, without control sequences, and cut to its end: git's reason comes last.
    """
    text = _AUTHORIZATION.sub(r"\1 …", public_address(text))
    lines = (line.strip() for line in _UNPRINTABLE.sub("", text.replace("\r", "\n")).split("\n"))
    text = "\n".join(line for line in lines if line)
    return text if len(text) <= _LONGEST_TEXT else "…" + text[-_LONGEST_TEXT:]


def public_url(url: str) -> str:
    """The https address of a remote: no user, password, port of ssh, query or `.git`.

    Empty where there is none: a path on this machine, or an address that cannot be read.
    """
    if grc := _CODECOMMIT.fullmatch(url):
        return f"https://git-codecommit.{grc['region']}.amazonaws.com/v1/repos/{grc['name']}"
    if "://" not in url:
        scp = _SCP_LIKE.fullmatch(url)
        return _https(scp["host"], scp["path"]) if scp else ""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme in ("http", "https"):
        return _https(f"{host}:{port}" if port else host, parts.path, parts.scheme)
    if parts.scheme in ("ssh", "git+ssh", "git"):
        return _https(host, parts.path)
    return ""


def _https(host: str, path: str, scheme: str = "https") -> str:
    path = path.strip("/").removesuffix(".git")
    return f"{scheme}://{host}/{path}" if host and path else ""
