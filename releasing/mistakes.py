"""What speaks against a release: every mistake at once, before anything is changed.

A mistake says what is wrong and what to do.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from releasing import changelog
from releasing.commits import GENERATORS, ProgramError, run_program, stated_version, subject
from releasing.repository import GitError, Refs, Repository
from releasing.versions import Line, Release, released_versions

# The actions of others in workflows, examples and pages: by commit, on a node of today.
PINS = "tests/unit/test_action_pins.py"
_SHOWN_FILES = 5


@dataclass(frozen=True)
class Standing:
    """What a release starts from.

    branch:   the branch that is checked out, empty where HEAD is detached.
    prepared: HEAD is the branch's commit of this release already: it was interrupted, or done.
    no_answer: what git says where the remote does not answer; there is what is known here then.
    """

    repository: Repository
    release: Release
    branch: str
    here: Refs
    there: Refs
    prepared: bool
    no_answer: str = ""

    @classmethod
    def read(cls, repository: Repository, release: Release) -> Standing:
        branch, here, no_answer = repository.branch, repository.refs_here(), ""
        version = stated_version(repository.read(here.branch, "pyproject.toml"))
        prepared = repository.subject(here.branch) == subject(release) and version == release.python
        try:
            there = repository.refs_there(branch)
        except GitError as error:
            there, no_answer = here, str(error)
        return cls(repository, release, branch, here, there, prepared, no_answer)

    @property
    def released(self) -> bool:
        """Whether the remote has this very release. As a push is all or nothing, the rest of it is there."""
        return self._is_of_head(self.there.commits.get(self.release.tag))

    @property
    def tagged(self) -> bool:
        """Whether this very release has its tag here."""
        return self._is_of_head(self.here.commits.get(self.release.tag))

    def _is_of_head(self, commit: str | None) -> bool:
        """Whether commit is the one with the bundle for the branch's commit that is checked out."""
        if not (commit and self.prepared and self.repository.knows(commit)):
            return False
        return self.repository.parent(commit) == self.here.branch


def mistakes_of_git(standing: Standing) -> list[str]:
    """What speaks against it in the checkout, its history and the remote's."""
    found = [*_of_the_checkout(standing), *_of_the_version(standing), *_of_the_remote(standing)]
    if not standing.prepared:
        found += _of_the_changelog(standing)
    return found


def mistakes_of_programs(standing: Standing, pythons: Sequence[str]) -> list[str]:
    """Which Pythons are missing that the bundle is to be compiled for, and which files are out of date."""
    return [*(() if standing.tagged else _of_pythons(pythons)), *_of_checks(standing)]


def _of_the_checkout(standing: Standing) -> Iterator[str]:
    repository, branch = standing.repository, standing.branch
    if Line.of(branch) is None:
        where = f"the branch is {branch}" if branch else "HEAD is detached"
        yield f"{where}: a release is made on main, or on a branch such as 1.x or 1.2.x for an older line"
    if changed := repository.changes():
        more = f" and {len(changed) - _SHOWN_FILES} more" if len(changed) > _SHOWN_FILES else ""
        shown = ", ".join(changed[:_SHOWN_FILES])
        yield f"the checkout has changes: {shown}{more}. Commit them, or git stash --include-untracked"
    try:
        repository.git("var", "GIT_COMMITTER_IDENT")
    except GitError as error:
        yield f"git does not know who commits: set user.name and user.email. {error}"


def _of_the_version(standing: Standing) -> Iterator[str]:
    version, tag = standing.release.version, standing.release.tag
    released = released_versions(standing.there.tags)
    line = Line.of(standing.branch)
    if version in released and not standing.released:
        yield f"{tag} exists, on {standing.there.commits[tag][:12]}: a version is released once"
    elif tag in standing.here.tags and not standing.tagged:
        yield f"{tag} exists here alone, and is not of this checkout: git tag --delete {tag}"
    if line and version not in line:
        yield f"{version} does not belong to the branch {line.branch}: check out main, or its line's branch"
    elif line and (highest := line.highest(released - {version})) and highest > version:
        own = f"An older line has a branch of its own, such as {version.major}.{version.minor}.x"
        yield f"{version} is not greater than {highest}, which is released from here. {own}"


def _of_the_remote(standing: Standing) -> Iterator[str]:
    repository, branch = standing.repository, standing.branch
    head, there = standing.here.branch, standing.there.branch
    place = f"{repository.remote}/{branch}"
    if standing.no_answer:
        yield f"the remote does not answer, so that nothing is known of its tags: {standing.no_answer}"
    elif not branch:
        return
    elif not there:
        yield f"{place} does not exist: push the branch first, so that it is tested"
    elif not repository.knows(there) or not repository.is_ancestor(there, head):
        undo = "git reset --hard HEAD~1, then " if standing.prepared else ""
        yield f"{branch} is behind {place}, or beside it: {undo}git pull --rebase"
    elif there != head and not (standing.prepared and there == repository.parent(head)):
        yield f"{branch} has commits that {place} has not: push them first, so that they are tested"


def _of_the_changelog(standing: Standing) -> Iterator[str]:
    text = changelog.section(standing.repository.read("HEAD", "CHANGELOG.md"), "Unreleased")
    if text is None:
        yield f"CHANGELOG.md has no heading {changelog.UNRELEASED!r}: the release's changes belong below one"
    elif changelog.is_empty(text):
        yield "CHANGELOG.md names no change under Unreleased: write what a user will notice"


def _of_pythons(pythons: Sequence[str]) -> Iterator[str]:
    if missing := [python for python in pythons if not _runs(python)]:
        yield (
            f"not found: {', '.join(missing)}. The bundle is compiled for each Python: install them, or name "
            "those that it is for with --python"
        )


def _runs(python: str) -> bool:
    """Whether it starts, and is the version in its name; pyenv has names that do not start."""
    program = "import sys; print('python%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-I", "-c", program], capture_output=True, text=True)
    except OSError:
        return False
    named = re.search(r"python3\.\d+\Z", python)
    return done.returncode == 0 and (not named or done.stdout.strip() == named[0])


def _of_checks(standing: Standing) -> Iterator[str]:
    """Generated files that are out of date, and pins that are not known."""
    checks: dict[tuple[str, ...], str] = {
        (generator, "--check"): f".venv/bin/python {generator}" for generator in GENERATORS
    }
    checks["-m", "pytest", "-q", "-p", "no:cacheprovider", PINS] = f"enter the new pins in {PINS}"
    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda command: _complaint(standing.repository.root, command), checks)
        for said, remedy in zip(found, checks.values(), strict=True):
            if said:
                yield f"{said}\nTo do: {remedy}"


def _complaint(root: Path, command: tuple[str, ...]) -> str:
    """What a program of the checkout says where it fails."""
    try:
        run_program(root, *command)
    except ProgramError as error:
        return str(error)
    return ""
