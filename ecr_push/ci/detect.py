"""Which CI runs us, and what it says: environ -> CiFacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecr_push.base.errors import SettingsError
from ecr_push.ci.bitbucket import is_bitbucket, read_bitbucket
from ecr_push.ci.codebuild import is_codebuild, read_codebuild
from ecr_push.ci.facts import CiFacts
from ecr_push.ci.github import is_github, read_github
from ecr_push.ci.gitlab import is_gitlab, read_gitlab
from ecr_push.ci.jenkins import is_jenkins, read_jenkins

Environ = Mapping[str, str]
ReadText = Callable[[str], str]

# The first that recognises itself is it. A GitHub runner that CodeBuild hosts carries both markers.
PROVIDERS: tuple[tuple[Callable[[Environ], bool], Callable[[Environ, ReadText], CiFacts]], ...] = (
    (is_github, read_github),
    (is_jenkins, lambda environ, _: read_jenkins(environ)),
    (is_codebuild, lambda environ, _: read_codebuild(environ)),
    (is_gitlab, lambda environ, _: read_gitlab(environ)),
    (is_bitbucket, lambda environ, _: read_bitbucket(environ)),
)
_SHORTEST_SHA = 4  # as git's own --abbrev has it


def read_event(path: str) -> str:
    """The text of GitHub's event file."""
    return Path(path).read_text(encoding="utf-8")


def read_facts(environ: Environ, read_text: ReadText = read_event) -> CiFacts:
    """What the environment says about the run.

    read_text is asked for the file that GITHUB_EVENT_PATH names, and for nothing else; a file that
    cannot be read leaves fields empty. Raises SettingsError for a DOCKER_METADATA_SHORT_SHA_LENGTH that is
    no number.
    """
    read = next((read for recognises, read in PROVIDERS if recognises(environ)), _no_ci_that_we_know)
    return replace(read(environ, read_text), **_peer_variables(environ))


def _no_ci_that_we_know(environ: Environ, _: ReadText) -> CiFacts:
    return CiFacts(interactive=environ.get("CI", "").lower() in ("", "0", "false"))


def _peer_variables(environ: Environ) -> dict[str, Any]:
    """https://github.com/docker/metadata-action#environment-variables"""
    length = environ.get("DOCKER_METADATA_SHORT_SHA_LENGTH", "") or "7"
    if not (length.isascii() and length.isdigit() and int(length) >= _SHORTEST_SHA):
        problem = f"DOCKER_METADATA_SHORT_SHA_LENGTH: {length!r} is no number of at least {_SHORTEST_SHA}"
        raise SettingsError([problem])
    head_is_meant = "true" in environ.get("DOCKER_METADATA_PR_HEAD_SHA", "").lower()
    return {"short_sha_length": int(length), "head_is_meant": head_is_meant}
