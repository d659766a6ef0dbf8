"""The line of a Jenkinsfile that loads the library."""

from __future__ import annotations

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.edit import Edit
from ecr_push.delivery.moving.jenkins.write import LIBRARY

_ONE = lazy_regex(r"^[ \t]*@Library\(\s*(['\"][^'\"]+['\"])\s*\)", 8)  # re.MULTILINE
_SEVERAL = lazy_regex(r"^[ \t]*@Library\(\s*\[([^\]]*)\]\s*\)", 8)


def library_edits(text: str) -> list[Edit]:
    """Adds it to the libraries that are loaded, or as the first line."""
    if "ecr-push@" in text or "'ecr-push'" in text:
        return []
    for pattern in (_ONE, _SEVERAL):
        if found := pattern.search(text):
            line = text.count("\n", 0, found.start()) + 1
            return [Edit(found.start(), found.end(), f"@Library([{found[1].strip()}, '{LIBRARY}'])", line)]
    at = text.find("\n") + 1 if text.startswith("#!") else 0
    return [Edit(at, at, f"@Library('{LIBRARY}') _\n\n", 1)]
