"""A Dockerfile that copies the whole context, where there is no .dockerignore: what gets into the image."""

from __future__ import annotations

from pathlib import Path

from ecr_push.base.regex import lazy_regex

# `COPY . DESTINATION` and `ADD ./ DESTINATION`, with any flags but --from. A line of a heredoc that looks so
# counts, too: it is a warning.
_COPIES_ALL = lazy_regex(r"(?im)^[ \t]*((?:COPY|ADD)[ \t]+(?:--(?!from=)\S+[ \t]+)*\./?)(?=[ \t]+\S)")
# What has no place in an image: history with all of its deleted files, and files that hold credentials.
_UNWANTED = (".git", ".env", ".npmrc", ".netrc", ".pypirc", ".aws", ".ssh", ".docker", "id_rsa", "id_ed25519")


def unwanted_files(text: str, context: Path, dockerfile: Path) -> str:
    """A sentence where an instruction of the Dockerfile, of that text, takes what has no place in an image.

    "" where there is an ignore file, whatever that says.
    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    copies = _COPIES_ALL.search(text)
    ignore_files = (Path(f"{dockerfile}.dockerignore"), context / ".dockerignore")
    found = [name for name in _UNWANTED if (context / name).exists()]
    if not copies or not found or any(one.exists() for one in ignore_files):
        return ""
    place = f"{dockerfile.name}:{text.count(chr(10), 0, copies.start(1)) + 1}"
    taken = f"{' '.join(copies[1].split())} takes {', '.join(found)} into the image"
    return f"{place}: {taken}, as there is no .dockerignore: name there what an image does not need"
