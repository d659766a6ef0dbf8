"""Messages, help, docstrings and pages use plain English, which a user can paste into a search engine."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# A phrase, and what to write instead.
FORBIDDEN = {
    r"\btold\b": "reported, known, passed to, distinguished",
    r"\bbe had\b": "could not get X, X is not available",
    r"\bmend(s|ed|ing)?\b": "fix, fixes, fixed",
    r"\bsomebody\b": "someone, or name who",
    r"(?<!role/)\bnobody\b": "no one, or a passive sentence",
    r"\bwhoever\b": "name who: the user, the caller, the CI",
    r"\bdefects? of ours\b": "internal error, a bug in ecr-push",
    r"\bcalled as\b": "named after, has the name of",
    r"\banew\b": "again, from the start",
    r"\bwants? to\b": "needs to, tries to",
    r"(?<!there )\b(is|are|was|were) no (?!(?:longer|more|less|later|earlier|one)\b)": "is not a valid X",
    r"\byields = |\.yields\b": "a name that is not a keyword: may_be_taken",
}
SEARCHED = (
    "ecr_push/**/*.py", "ecr_push/**/*.j2", "ecr_push/**/*.js",
    "docs/*.md", "README.md", "CHANGELOG.md", "CONTRIBUTING.md",
    "tests/**/*", "benchmarks/**/*",
    "action.yml", "github/**/*", "jenkins/**/*", "codebuild/**/*", "examples/**/*", "scripts/*",
    "releasing/*", ".github/**/*", "Dockerfile",
)  # fmt: skip
LEFT_OUT = (
    "jenkins/resources/", "jenkins/vars/ecrPush.txt",  # made from files that are searched
    "tests/unit/test_words.py",  # the phrases themselves
)  # fmt: skip


@cache
def searched() -> tuple[tuple[str, str], ...]:
    """Returns the place and the text of every line."""
    found = []
    for path in sorted({path for pattern in SEARCHED for path in ROOT.glob(pattern) if path.is_file()}):
        name = path.relative_to(ROOT).as_posix()
        if "__pycache__" not in name and not name.startswith(LEFT_OUT):
            lines = path.read_text(encoding="utf-8").splitlines()
            found += [(f"{name}:{number}", line.strip()) for number, line in enumerate(lines, 1)]
    return tuple(found)


@pytest.mark.parametrize("phrase", FORBIDDEN)
def test_no_forbidden_phrase(phrase: str) -> None:
    regex = re.compile(phrase, re.IGNORECASE)
    found = [f"{place}: {line}" for place, line in searched() if regex.search(line.replace("_", " "))]
    assert not found, f"{phrase!r}: write instead {FORBIDDEN[phrase]}"


def test_what_is_searched() -> None:
    files = {place.partition(":")[0] for place, _ in searched()}
    assert {"README.md", "docs/policy.md", "ecr_push/cli/main.py", "action.yml"} <= files
