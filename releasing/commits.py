"""The two commits of a release.

The first is the branch's: changelog, version, documents, and what is generated from them. The second stands
on it, off the branch, and adds the bundle: the branch's history has no binary, and a checkout of the release
has it. It keeps out of archives what the wrappers do not run. Both are made beside the user's checkout, so
that an interruption leaves nothing half done in it. The second has the people and the date of the first: its
id depends on nothing but the first and the bundle.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from releasing import archive, changelog, documents
from releasing.repository import Repository
from releasing.versions import Release

BUNDLE = "jenkins/resources/io/ecrpush/bundle"
# They follow from the options and from the version; each has --check.
GENERATORS = ("scripts/render-docs", "scripts/render-action", "scripts/pack-jenkins")
_VERSION = re.compile(r'^version = ".*"$', re.M)


class ProgramError(Exception):
    """A program of ours that takes part in a release failed; the message has what it said."""


def run_program(root: Path, *command: str) -> str:
    """Runs a script of the checkout at root with this Python and the code of that checkout; its output."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ProgramError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr).strip()}")
    return done.stdout


def subject(release: Release) -> str:
    return f"ecr-push {release.version}"


def stated_version(project: str) -> str:
    """The version that the text of pyproject.toml states."""
    found = _VERSION.search(project)
    return found[0].partition('"')[2].removesuffix('"') if found else ""


def branch_commit(repository: Repository, release: Release, date: str) -> str:
    """Makes the branch's commit on HEAD, and gives its id. Nothing points to it yet.

    date: of the changelog's section, YYYY-MM-DD.
    """
    with repository.beside(repository.head) as beside:
        write_version(beside.root, release, date)
        for generator in GENERATORS:
            run_program(beside.root, generator)
        beside.git("add", "--all")
        beside.git("commit", "--quiet", f"--message={subject(release)}")
        return beside.head


def write_version(root: Path, release: Release, date: str) -> None:
    """Writes the version wherever a checkout states it. A pre-release's changes stay unreleased."""
    _edit(root / "pyproject.toml", lambda text: _VERSION.sub(f'version = "{release.python}"', text, count=1))
    if not release.is_final:
        return
    _edit(root / "CHANGELOG.md", lambda text: changelog.released(text, str(release.version), date))
    for document in documents.documents(root):
        _edit(document, lambda text: documents.released(text, release.version))


def release_commit(repository: Repository, commit: str, release: Release, pythons: Sequence[str]) -> str:
    """Makes the commit with the bundle on the branch's commit, and gives its id. Nothing points to it yet."""
    with repository.beside(commit) as beside:
        run_program(beside.root, "scripts/bundle", BUNDLE, "--python", *pythons)
        _edit(beside.root / archive.ATTRIBUTES, archive.attributes)
        beside.git("add", "--force", "--", BUNDLE, archive.ATTRIBUTES)
        tree = beside.git("write-tree")
        message = f"{subject(release)}, with its bundle\n\nOff the branch, whose history carries no binary.\n"
        people = _people_of(beside, commit)
        return beside.git("commit-tree", tree, "-p", commit, "-F", "-", text=message, **people)


def notes(repository: Repository, commit: str, release: Release) -> str:
    """What changed in a release: its section of a commit's changelog, or what is unreleased there.

    It is the text of the tag, and of the release's page.
    """
    text = repository.read(commit, "CHANGELOG.md")
    return changelog.section(text, str(release.version)) or changelog.section(text, "Unreleased") or ""


def set_tags(repository: Repository, release: Release, commit: str, floating: Sequence[str]) -> None:
    """Sets the tags here: the version's own, annotated with the changelog, and those that move to it."""
    if release.tag not in repository.refs_here().tags:
        text = f"{subject(release)}\n\n{notes(repository, commit, release)}\n"
        # Not stripped, because a heading of the changelog would pass for a comment.
        repository.git(
            *("tag", "--annotate", "--cleanup=whitespace", "--file=-", release.tag, commit),
            text=text, **_people_of(repository, commit),
        )  # fmt: skip
    for tag in floating:
        repository.git("tag", "--force", tag, commit)


def _people_of(repository: Repository, commit: str) -> dict[str, str]:
    form = "%an%n%ae%n%ad%n%cn%n%ce%n%cd"
    values = repository.git("show", "--no-patch", "--date=raw", f"--format={form}", commit).splitlines()
    names = (f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE"))
    return dict(zip(names, values, strict=True))


def _edit(path: Path, change: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    if (changed := change(text)) != text:
        path.write_text(changed, encoding="utf-8")
