"""Addresses of any program's, without the credentials in them."""

from __future__ import annotations

import re

from ecr_push.base.regex import lazy_regex

# The user is before the host: a password, or a token without a name. It ends where the path begins,
# https://git-scm.com/docs/gitcredentials. A password with an unquoted `/` ends
# there as well, and git shows it all the same, as an address that it cannot read.
_USER = lazy_regex(r"(?<=://)(?:[^/?#\s]*|[^/?#\s:]+:(?![0-9]+/)\S*)@")
# Of the protocols whose addresses name users, which `docker-image://alpine:3@sha256:…` does not. What ends an
# address in a document ends it here, so that no mail address behind one is taken for its host.
_NAMED_USER = lazy_regex(
    r"\b((?:git\+)?(?:https?|ssh|git|ftps?|tcp)://)(?:[^/?#@\s\"<>()\[\]|,;\\]*@)+", re.IGNORECASE
)
_QUERY = lazy_regex(r"(://[^?\s]*)\?[^\s'\"]*")
# https://docs.docker.com/build/concepts/context/#remote-context
_REMOTE = lazy_regex(
    r"(?:https?|git|ssh|git\+ssh|git\+https?)://|github\.com/|git@|codecommit::", re.IGNORECASE
)


def without_user(text: str) -> str:
    """text, whose addresses are of remotes and mirrors, without what stands before their hosts."""
    return _USER.sub("", text)


def has_credentials(text: str) -> bool:
    """Whether a remote's address holds a password or a token. The user of ssh is neither: `ssh://git@host`."""
    found = _USER.search(text)
    if not found:
        return False
    return ":" in found[0] or not text.lower().startswith(("ssh://", "git+ssh://"))


def is_remote(context: str) -> bool:
    """Whether docker takes the context of a build for the address of a repository or an archive."""
    return bool(_REMOTE.match(context))


def public_address(text: str) -> str:
    """text, whose addresses are of remotes, without users, and without queries, which may hold a token."""
    return _QUERY.sub(r"\1", without_user(text))


def without_passwords(text: str) -> str:
    """Any text, such as a line of a build, without what stands before the hosts of its addresses."""
    return _NAMED_USER.sub(r"\1", text) if "://" in text else text
