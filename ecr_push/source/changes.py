"""The commits of a release: what came after the last final one, as git streams them."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.source.git.history import only
from ecr_push.source.model import Source


@dataclass(frozen=True)
class Change:
    """A commit, in full, and its whole message."""

    commit: str
    message: str

    @property
    def title(self) -> str:
        return self.message.partition("\n")[0]


def read_changes(
    source: Source, *, paths: tuple[str, ...] = (), patterns: Sequence[str] = ()
) -> Generator[Change, None, None]:
    """The commits since the last final release, or all where there is none, newest first, merges included.

    paths:    only commits that touch one of these. git then leaves out what a merge took unchanged from one
              side: the commits of that side are listed themselves.
    patterns: only commits of which a line of the message matches one of these extended regular expressions,
              in upper or lower case.

    They are read as git finds them, so that fifty thousand take no more memory than one; git is stopped when
    the consumer stops. Empty where there is no `.git`. Raises SourceError where git fails.
    """
    if not source.has_git:
        return
    last = source.history.nearest_final
    span = f"refs/tags/{source.history.git_tag(last)}..{source.built_from}" if last else source.built_from
    # Each overrides what a configuration may set: i18n.logOutputEncoding, log.follow, and log.showSignature,
    # which starts gpg and prints its messages before the commit's.
    log = source.git.stream(
        *("log", "-z", "--format=tformat:%H%n%B", "--encoding=UTF-8"),
        *("--no-follow", "--no-show-signature"),
        *("--extended-regexp", "--regexp-ignore-case", *(f"--grep={pattern}" for pattern in patterns)),
        *(span, *only(paths)),
        end="\0",
    )
    try:
        for entry in log:
            commit, _, message = entry.partition("\n")
            if commit:
                yield Change(commit, message.rstrip("\n"))
    finally:
        log.close()
