"""Fetches history and tags that a CI's clone lacks from its remote. Nothing is guessed.

Only objects and refs change: `.git/config` and the tags that are there stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SourceError
from ecr_push.ci.facts import CiFacts
from ecr_push.source.git.checkout import Commit
from ecr_push.source.git.command import GitCommand, pasted
from ecr_push.source.git.history import only
from ecr_push.source.git.read_options import GitReadOptions
from ecr_push.source.git.remote import Remote, remote_tags

FETCH_SECONDS = 120.0
KEEP_TREES = "clone with the filter blob:none, or without one (actions/checkout: `filter: blob:none`)"

_WITH_TAGS = "fetch --tags"
_ALL_TAGS = ("refs/tags/*:refs/tags/*",)
_REJECTED = 1  # refs that were not updated, while git's fatal errors have 128


@dataclass(frozen=True)
class Repair:
    """Fetches into one checkout. say is called before the network is used."""

    git: GitCommand
    root: Path
    remote: Remote
    facts: CiFacts
    options: GitReadOptions
    say: Callable[[str], None]

    def deepen(self) -> None:
        """Makes a shallow clone a full one with all tags. Raises SourceError where that cannot be done."""
        reason = self._fetch("the clone is shallow: fetching its history and tags", "--unshallow", "--tags")
        failed = bool(reason) and self.options.deepen and not self.remote.missing
        if self.git.run("rev-parse", "--is-shallow-repository").output.strip() == "false":
            # Of two jobs in one folder one deepens it, and the other's fetch fails.
            if not reason or self._has_all_tags():
                return
        elif not reason:
            reason = f"{self.remote.name} is shallow itself"
        raise SourceError(
            "the git checkout is shallow",
            why=f"{self.root} lacks history and tags, and a version computed without them would be wrong; "
            + reason,
            remedy=full_clone(self.facts, self.root) + ("; or fix the git error above" if failed else ""),
        )

    def fetch_tag(self, tag: str) -> None:
        """Fetches all tags, because the clone lacks the one that the run is for. Raises SourceError."""
        if reason := self._fetch(f"the tag {tag} is not in the clone: fetching tags", refs=_ALL_TAGS):
            why = f"the CI runs for this tag, but the clone was made without tags; {reason}"
            raise self.missing_tag(tag, why)

    def missing_tag(self, tag: str, why: str) -> SourceError:
        remedy = f"run {pasted(self.root, _WITH_TAGS)}"
        return SourceError(f"the tag {tag!r} is not in the git checkout", why=why, remedy=remedy)

    def fetch_versions(self) -> tuple[bool, str]:
        """Fetches all tags where the remote has versions and the clone has none.

        Returns whether that was done, and a note if the remote did not answer. Raises SourceError if it has
        versions that cannot be fetched.
        """
        if not self.remote.name:
            return False, ""
        self.say(f"no version tag is in the clone: asking {self.remote.name}")
        tags, message = remote_tags(self.git, self.remote)
        if message:
            asked = f"{self.remote.name} could not be asked"
            return False, f"the clone has no version tag, and {asked}: {message}"
        versions = [tag for tag in tags if self.options.highest([self.options.version_name(tag)])]
        if not versions:
            return False, ""
        if reason := self._fetch("fetching tags", refs=_ALL_TAGS):
            raise SourceError(
                "the git checkout has no version tags",
                why=f"{self.remote.name} has {len(versions)}, and a version computed without them would be "
                f"wrong; {reason}",
                remedy=with_tags(self.facts, self.root),
            )
        return True, ""

    def fetch_trees(self, built: Commit) -> bool:
        """Fetches the trees that a treeless clone lacks, where they decide which commits count.

        Returns whether that was done. The commit itself may be one that the job made: then its parents have
        them. Raises SourceError where they cannot be fetched.
        """
        paths = self.options.paths
        if not (paths and self.remote.treeless) or self._shows(built, paths):
            return False
        # --refetch: git would else say that it has these commits, and get nothing for them.
        options = ("--refetch", "--filter=blob:none", "--no-tags")
        news = "the clone is treeless: fetching its trees"
        if reason := self._fetch(news, *options, refs=(built.id,)):
            fetched = self.options.deepen and not self.remote.missing
            again = self._fetch(news, *options, refs=built.parents) if fetched and built.parents else reason
            reason = again and reason
        if not reason and self._shows(built, paths):
            return True
        if "option `refetch" in reason:
            reason = "fetching them needs git 2.36"
        raise SourceError(
            "the git checkout is a treeless clone",
            why=f"{self.root} lacks the trees of earlier commits, which show the commits that touch "
            f"{', '.join(paths)}; {reason or 'they are still missing after a fetch'}",
            remedy=KEEP_TREES,
        )

    def _shows(self, built: Commit, paths: tuple[str, ...]) -> bool:
        """Whether git can list the commits that touch paths. Paths are those of the work tree's top."""
        top = replace(self.git, folder=self.root)
        return not top.ask("rev-list", "--count", built.id, *only(paths)).status

    def _fetch(self, news: str, *options: str, refs: tuple[str, ...] = ()) -> str:
        """Fetches, and returns why that failed, or ""."""
        if not self.options.deepen:
            return "nothing is fetched: --no-deepen is set"
        if self.remote.missing:
            return self.remote.missing
        self.say(f"{news} from {self.remote.name}")
        answer = self.git.ask_remote(
            *("-c", "gc.auto=0", "-c", "maintenance.auto=false"),
            *("fetch", "--quiet", "--no-prune", "--no-recurse-submodules", *options, "--"),
            *(self.remote.name, *refs),
            timeout=FETCH_SECONDS,
        )
        if answer.status == 0 or (answer.status == _REJECTED and self._has_all_tags()):
            return ""
        return f"could not fetch from {self.remote.name}: {answer.message}"

    def _has_all_tags(self) -> bool:
        """Whether no tag of the remote is missing. A tag that differs in the clone stays as it is."""
        tags, message = remote_tags(self.git, self.remote)
        ours = {line.partition(" refs/tags/")[2] for line in self.git.ask("show-ref", "--tags").lines}
        return not message and set(tags) <= ours


def full_clone(facts: CiFacts, root: Path) -> str:
    """What to do about a shallow clone."""
    return _set_or_run(facts.provider.advice.full, pasted(root, "fetch --unshallow --tags"))


def with_tags(facts: CiFacts, root: Path) -> str:
    """What to do about a clone without tags."""
    return _set_or_run(facts.provider.advice.tags, pasted(root, _WITH_TAGS))


def _set_or_run(setting: str, command: str) -> str:
    return f"{setting}, or run {command}" if setting else f"run {command}"
