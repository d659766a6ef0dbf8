"""What the user names as the build's context: a directory of a checkout, or a git repository's address.

With an address docker fetches what is built, and the checkout in the working directory gives version, tags
and labels, as in a workflow with docker/build-push-action.
https://docs.docker.com/build/concepts/context/#git-repositories
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from ecr_push.base.addresses import has_credentials, is_remote, public_address
from ecr_push.base.option import Parsed

# docker/build-push-action's name for the event's commit in git, which is that of the checkout here.
_DEFAULT = r"\{\{\s*defaultContext\s*\}\}(?::(.*))?"
_COMMIT = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
# Of moby/buildkit's util/gitutil; another one is an error there.
_KEYS = frozenset(
    {"ref", "tag", "branch", "checksum", "commit", "subdir", "keep-git-dir", "submodules", "fetch-by-commit"}
)
_PIN = "append #COMMIT[:DIR], or ?ref=REF&checksum=COMMIT[&subdir=DIR]"


class ContextDir(str):
    """The checkout's directory. address: of the repository that is built in its place, "" for none."""

    __slots__ = ("address",)
    address: str

    def __new__(cls, folder: str, address: str = "") -> ContextDir:
        made = super().__new__(cls, folder)
        made.address = address
        return made


def read_context(text: str) -> ContextDir:
    """Raises ValueError for what docker does not take, or not as a git repository, and for a token in it."""
    if found := re.fullmatch(_DEFAULT, text.strip()):
        return ContextDir(found[1] or ".")
    if text == "-":
        raise ValueError(
            "- is standard input, expected a directory or a repository's address: a stream has no commit, "
            "and cannot be read again where a build is repeated"
        )
    if not is_remote(text) or Path(text).exists():
        return ContextDir(text)
    _check_address(text)
    return ContextDir(".", text)


def address_of(context: str) -> str:
    """The repository that is built, of the option's value."""
    return context.address if isinstance(context, ContextDir) else ""


def _check_address(text: str) -> None:
    from urllib.parse import parse_qsl

    shown = public_address(text)
    if has_credentials(text):
        raise ValueError(
            f"{shown}: no credentials in an address: they would be on docker's command line. Give BuildKit "
            "the secret GIT_AUTH_TOKEN"
        )
    if text.lower().startswith("codecommit::"):
        raise ValueError(f"{shown}: docker cannot fetch it; clone it, and give the clone's directory")
    repository, _, query = text.partition("#")[0].partition("?")
    is_web = text.lower().startswith(("http://", "https://"))
    if is_web and not repository.rstrip("/").endswith(".git"):
        raise ValueError(f"{shown}: expected a git repository, whose address ends in .git, or a directory")
    given = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(given.keys() - _KEYS):
        raise ValueError(f"{shown}: there is no query {unknown[0]}; expected {', '.join(sorted(_KEYS))}")


def unpinned(address: str) -> str:
    """Why a repository's address may mean something else tomorrow; "" for one with a commit."""
    from urllib.parse import parse_qsl

    repository, _, fragment = address.partition("#")
    given = dict(parse_qsl(repository.partition("?")[2]))
    commits = (fragment.partition(":")[0], *(given.get(key, "") for key in ("ref", "checksum", "commit")))
    if any(re.fullmatch(_COMMIT, one) for one in commits):
        return ""
    return (
        "the context names no commit: another run may build something else, and an image that was accepted "
        f"is not built again; {_PIN}"
    )


Context = Annotated[str, Parsed(read_context)]
