"""What counts for an image: the paths of the checkout whose change makes it another image."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ecr_push.builder.buildkit_values import context_of, folder_of


def counted_paths(
    inside: str,
    dockerfile: str,
    build_contexts: Iterable[str],
    named: Iterable[str],
    top: Path | None,
) -> tuple[str, ...]:
    """The context, the Dockerfile with its .dockerignore, folders of build contexts, and the paths that are
    named for it. inside: the context, from the checkout's top.

    Relative to the checkout's top, as git takes them; () for the whole checkout. Where the context is all of
    it, the named paths stand in its place.
    """
    given = dict.fromkeys(named)
    if top is None:
        return tuple(given)
    beside = (dockerfile, f"{dockerfile}.dockerignore") if dockerfile else ()
    folders = filter(None, (folder_of(context_of(one)[1]) for one in build_contexts))
    here = str(Path.cwd()) if beside or build_contexts else ""
    found = dict.fromkeys((inside, *(within(path, str(top), here) for path in (*beside, *folders))))
    if "." in found:
        if not given:
            return ()
        del found["."]
        if not dockerfile:
            found |= dict.fromkeys(("Dockerfile", ".dockerignore"))
    whole = {**found, **given}
    return tuple(path for path in whole if not any(_is_below(path, other) for other in whole))


def touches(paths: Iterable[str], changed: Iterable[str]) -> list[str]:
    """Those of the changed files that count. paths: as `counted_paths` gives them.

    A submodule is a file to git, and counts for what lies in it.
    """
    counted = tuple(paths)
    if not counted:
        return list(changed)
    folders = tuple(f"{path.rstrip('/')}/" for path in counted)
    return [
        file
        for file in changed
        if file in counted or file.startswith(folders) or any(one.startswith(f"{file}/") for one in folders)
    ]


def within(path: str, top: str, here: str) -> str:
    """The path from top; a link in the checkout is not followed. Outside of it nothing is git's.

    here: the working directory.
    """
    named = os.path.normpath(path if path.startswith("/") else f"{here}/{path}")
    if named == top:
        return "."
    return named[len(top) + 1 :] if named.startswith(f"{top}/") else path


def _is_below(path: str, other: str) -> bool:
    return path.startswith(f"{other.rstrip('/')}/")
