"""A Dockerfile that copies the whole context, where there is no .dockerignore: what gets into the image."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ecr_push.base.log import visible
from ecr_push.base.regex import lazy_regex
from ecr_push.base.sizes import megabytes

# `COPY . DESTINATION` and `ADD ./ DESTINATION`, with any flags but --from. A line of a heredoc that looks so
# counts, too: it is a warning.
_COPIES_ALL = lazy_regex(r"(?im)^[ \t]*((?:COPY|ADD)[ \t]+(?:--(?!from=)\S+[ \t]+)*\./?)(?=[ \t]+\S)")
# What has no place in an image: history with all of its deleted files, and files that hold credentials.
_UNWANTED = (".git", ".env", ".npmrc", ".netrc", ".pypirc", ".aws", ".ssh", ".docker", "id_rsa", "id_ed25519")

_LARGE = 100_000_000  # bytes


def unwanted_files(text: str, context: Path, dockerfile: Path) -> str:
    """A sentence where an instruction of the Dockerfile, of that text, takes what has no place in an image.

    "" where there is an ignore file, whatever that says.
    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    copies = _COPIES_ALL.search(text)
    ignore_files = (Path(f"{dockerfile}.dockerignore"), context / ".dockerignore")
    if not copies or any(one.exists() for one in ignore_files):
        return ""
    found = [*(name for name in _UNWANTED if (context / name).exists()), *_large_files(context)]
    if not found:
        return ""
    place = f"{dockerfile.name}:{text.count(chr(10), 0, copies.start(1)) + 1}"
    taken = f"{' '.join(copies[1].split())} takes {', '.join(found)} into the image"
    return f"{place}: {taken}, as there is no .dockerignore: name there what an image does not need"


def _large_files(context: Path) -> list[str]:
    """The files right in the context that are so large that they are hardly meant, such as a dump.

    Those below are not looked for: to walk a whole context can take as long as to build it.
    """
    found = []
    with contextlib.suppress(OSError), os.scandir(context) as entries:
        for one in entries:
            if one.is_file(follow_symlinks=False):
                size = one.stat(follow_symlinks=False).st_size
                found += [f"{visible(one.name)} ({megabytes(size)})"] if size > _LARGE else []
    return sorted(found)
