"""`scripts/release VERSION`: the story of a release.

Standard output has the command that pushes the release, unless --push did; everything else goes to standard
error. Exit codes: 0 done, 1 a step failed (run it again, it continues from there), 2 there are mistakes, and
nothing was changed; 130 interrupted (run it again).
"""

from __future__ import annotations

import argparse
import re
import shlex
import signal
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from textwrap import indent

from releasing import commits
from releasing.mistakes import Standing, mistakes_of_git, mistakes_of_programs
from releasing.repository import GitError, Repository
from releasing.versions import Release, released_versions

ROOT = Path(__file__).resolve().parent.parent


def main(argv: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is made beside the checkout is removed
    try:
        return _release(argv)
    except KeyboardInterrupt:
        return _end(130, "interrupted. Run it again: it continues from here")


def _release(argv: Sequence[str]) -> int:
    given = _parser().parse_args(argv)
    pythons = given.python or supported_pythons((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    try:
        release = Release.parse(given.version)
        standing = Standing.read(Repository(ROOT, given.remote), release)
    except (ValueError, GitError) as error:
        return _end(2, str(error))
    if found := [*mistakes_of_git(standing), *mistakes_of_programs(standing, pythons)]:
        listed = "".join(f"\n- {indent(one, '  ')[2:]}" for one in found)
        return _end(2, f"{release.version} cannot be released, and nothing was changed:{listed}")
    try:
        _make(standing, pythons, push=given.push, dry_run=given.dry_run)
    except (commits.ProgramError, GitError) as error:
        return _end(1, f"{error}\nRun it again when the cause is fixed: it continues from here")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/release", description="Makes a release.")
    parser.add_argument("version", help="MAJOR.MINOR.PATCH, or a pre-release such as 1.2.0-rc.1")
    parser.add_argument("--push", action="store_true", help="push the branch and the tags, all or none")
    parser.add_argument("--dry-run", action="store_true", help="check everything, show what would be done")
    parser.add_argument("--remote", default="origin", help="the remote to release to (default: origin)")
    parser.add_argument(
        "--python", nargs="+", metavar="PYTHON",
        help="the Pythons that the bundle is compiled for (default: each that pyproject.toml names)",
    )  # fmt: skip
    return parser


def supported_pythons(project: str) -> list[str]:
    """`python3.10` and so on, of the classifiers in pyproject.toml."""
    return [f"python{version}" for version in re.findall(r"Python :: (3\.\d+)", project)]


def _make(standing: Standing, pythons: Sequence[str], *, push: bool, dry_run: bool) -> None:
    repository, release, there = standing.repository, standing.release, standing.there
    floating = release.floating(released_versions(there.tags))
    if standing.released:
        say(f"{release.version} is released already: nothing to do")
    elif dry_run:
        _show(standing, floating, pythons)
    else:
        commit = _on_the_branch(standing)
        if not (released := standing.here.commits.get(release.tag, "")):
            say(f"makes the bundle for {', '.join(pythons)}")
            released = commits.release_commit(repository, commit, release, pythons)
        commits.set_tags(repository, release, released, floating)
        say(f"{', '.join((release.tag, *floating))}: {released}")
        command = repository.push_command(standing.branch, commit, (release.tag, *floating), there)
        if push:
            repository.git(*command[1:])
            say(f"pushed to {repository.remote}")
        else:
            say("not pushed yet; this pushes all of it or nothing:")
            print(shlex.join(command))


def _on_the_branch(standing: Standing) -> str:
    """The branch's commit of the release, which the checkout is at afterwards."""
    if standing.prepared:
        say(f"{standing.branch} has the commit for {standing.release.version} already")
        return standing.here.branch
    today = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    commit = commits.branch_commit(standing.repository, standing.release, today)
    standing.repository.git("merge", "--quiet", "--ff-only", commit)
    say(f"{standing.branch} is at {commit[:12]}, {commits.subject(standing.release)}")
    return commit


def _show(standing: Standing, floating: Sequence[str], pythons: Sequence[str]) -> None:
    release, branch = standing.release, standing.branch
    if not standing.prepared:
        what = "version, changelog and documents" if release.is_final else "the version"
        say(f"would commit {what} to {branch}: {commits.subject(release)}")
    say(f"would commit the bundle for {', '.join(pythons)} on top, off {branch}")
    notes = commits.notes(standing.repository, "HEAD", release)
    say(f"would create {release.tag}, with the changelog:\n\n{notes}\n")
    for tag in floating:
        at = standing.there.commits.get(tag)
        say(f"would move {tag} from {at[:12]}" if at else f"would create {tag}")
    pushed = ", ".join((branch, release.tag, *floating))
    say(f"would push {pushed} to {standing.repository.remote}, with --push")


def say(text: str) -> None:
    print(f"release: {text}", file=sys.stderr)


def _end(code: int, text: str) -> int:
    say(text)
    return code
