"""Tags, branches and the distance from a release to a commit: what of git's history a version needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any, NamedTuple

from ecr_push.base.dataclass import dataclass
from ecr_push.source.git.command import GitCommand
from ecr_push.source.git.read_options import GitReadOptions
from ecr_push.versions.schemes.scheme import Scheme

REMOTE_HEAD = "refs/remotes/origin/HEAD"
# Up to so many distances are asked of git one by one; for more, one walk in strict order costs less.
_FEW = 4


@dataclass(frozen=True)
class Refs:
    """The tags and branches of a repository, read at once."""

    commits: Mapping[str, str]  # tag -> commit
    tags: Mapping[str, list[str]]  # commit -> tags
    branches: tuple[str, ...]
    remote_tips: frozenset[str]  # the commits of the remotes' branches, as last fetched
    has_default: bool


class Release(NamedTuple):
    """A tag that is a version: where it stands among versions, its name without the prefix, its commit."""

    rank: tuple[Any, ...]
    name: str
    commit: str


@dataclass(frozen=True)
class Walk:
    """What reading the commits of a history, children first, has found.

    release: the one that the first commit follows: close, or a higher one that was merged since.
    close:   the nearest one. Both are None where there is none.
    away:    the distance of close; all commits where it is None.
    rivals:  the other ones that may be the nearest.
    in_line: no commit that was read has two parents, so that git listed children first for certain.
    """

    release: Release | None
    close: Release | None
    away: int
    rivals: tuple[Release, ...] = ()
    in_line: bool = True


@dataclass(frozen=True)
class Way:
    """From a release to a commit. Without a release ("") distance counts all commits."""

    release: str
    distance: int


def read_refs(git: GitCommand) -> Refs:
    """All refs, in one command. Raises SourceError where git cannot read them."""
    # `show-ref --dereference` takes a packed tag's commit from packed-refs; for-each-ref opens
    # every tag object for it, ten times the time. An annotated tag has a second line, `NAME^{}`.
    commits: dict[str, str] = {}
    branches: dict[str, None] = {}
    tips: set[str] = set()
    has_default = False
    for line in git.run("show-ref", "--dereference", fine=(0, 1)).lines:
        identity, _, ref = line.partition(" ")
        if ref.startswith("refs/tags/"):
            commits[ref.removeprefix("refs/tags/").removesuffix("^{}")] = identity
        elif ref == REMOTE_HEAD:
            has_default = True
        elif ref.startswith("refs/heads/"):
            branches[ref.removeprefix("refs/heads/")] = None
        elif ref.startswith("refs/remotes/"):
            branches[ref.split("/", 3)[-1]] = None
            tips.add(identity)
    tags: dict[str, list[str]] = defaultdict(list)
    for tag, commit in commits.items():
        tags[commit].append(tag)
    return Refs(commits, tags, tuple(branches), frozenset(tips), has_default)


def find_releases(refs: Refs, options: GitReadOptions) -> tuple[Release, ...]:
    """Every tag that is a version, in order of name."""
    rank = options.scheme.rank
    named = ((options.version_name(tag), commit) for tag, commit in refs.commits.items())
    return tuple(
        Release(at, name, commit) for name, commit in named if name and (at := rank(name)) is not None
    )


def highest_on(releases: Iterable[Release]) -> dict[str, Release]:
    """Each commit that has a release, and the highest one on it; of equal ones the last name."""
    on: dict[str, Release] = {}
    for release in releases:
        if on.setdefault(release.commit, release) < release:
            on[release.commit] = release
    return on


def follow(git: GitCommand, head: str, on: Mapping[str, Release], paths: tuple[str, ...] = ()) -> Way:
    """The release that a commit follows, of those of highest_on, and the commits since.

    That is the nearest one as `git describe` understands it: the fewest commits away. When a branch with
    a higher release was merged since (v1.5.0 is on main, and the hotfix v1.4.3 was merged a minute ago,
    or the other way round), it is that release: a version never falls below one that it contains.

    paths: count only commits that touch them, relative to git's folder; which release is followed does not
           depend on it.
    """
    here = on.get(head)
    if here is not None:
        return Way(here.name, 0)
    found: Release | None = None
    if on:
        walk = _walk(git, head, on)
        if not _is_exact(git, head, walk):
            walk = _walk(git, head, on, "--topo-order")
        found = walk.release
        if found is walk.close and not paths:
            return Way(found.name if found else "", walk.away)
    since = f"{found.commit}..{head}" if found else head
    return Way(found.name if found else "", count(git, since, paths))


def _walk(git: GitCommand, head: str, on: Mapping[str, Release], *order: str) -> Walk:
    with closing(git.stream("rev-list", *order, "--parents", head)) as lines:
        return nearest(lines, on)


def _is_exact(git: GitCommand, head: str, walk: Walk) -> bool:
    """Whether git itself counts the same distances.

    Without --topo-order, for which git reads the whole history first, it lists commits by date. So a parent
    that is dated after its child (a rebase, a wrong clock, an import) can come first, and is then counted as
    none of the child's ancestors.
    """
    if walk.in_line or walk.close is None:
        return True
    if len(walk.rivals) > _FEW:
        return False

    def away(release: Release) -> int:
        return count(git, f"{release.commit}..{head}")

    def position(release: Release) -> tuple[Any, ...]:
        return -away(release), release.rank, release.name

    return away(walk.close) == walk.away and all(
        position(one) < (-walk.away, walk.close.rank, walk.close.name) for one in walk.rivals
    )


def nearest(lines: Iterable[str], on: Mapping[str, Release]) -> Walk:
    """The release to follow, and how far away the nearest one is.

    lines are those of `git rev-list --parents`: a commit and its parents, children first. They are read
    only as far as needed, and memory does not grow with them.

    Why not `git describe`: its globs match 1.4.2.1 as well as 1.4.2, so that each such tag would have to be
    excluded by name; it reads to the end for a lightweight tag; and a second walk would have to find which
    higher release was merged since.
    """
    # A set of releases is a number with a bit for each: those that a commit is in, itself or as an ancestor.
    starts: list[Release] = []
    waiting: dict[str, int] = {}  # commits that were named as parents, and whose own line is to come
    counts: dict[int, int] = {0: 0}  # a set -> how many commits are in exactly these
    seen: list[tuple[int, Release]] = []
    in_line = True
    for line in lines:
        commit, *parents = line.split(" ")
        within = waiting.pop(commit, 0)
        release = on.get(commit)
        if release is not None:
            if not within:  # else it is further away than the one that it is in
                within = 1 << len(starts)
                starts.append(release)
            seen.append((within, release))
        counts[within] = counts.get(within, 0) + 1
        in_line = in_line and len(parents) < 2
        for parent in parents:
            waiting[parent] = waiting.get(parent, 0) | within
        if starts and (chosen := _settled(starts, waiting.values(), counts)) is not None:
            return _raised(starts, chosen, seen, counts, in_line)
    if not starts:
        return Walk(None, None, counts[0])
    return _raised(starts, _closest(starts, counts), seen, counts, in_line)


def _settled(starts: list[Release], waiting: Iterable[int], counts: Mapping[int, int]) -> int | None:
    """The closest release's bit, once all that is to come is in it: no distance changes the choice then.

    A distance that may still grow can also end as it is: a higher version that is as near now is waited for.
    """
    common = -1
    for within in waiting:
        common &= within
        if not common:
            return None
    chosen = _closest(starts, counts)
    return chosen if common >> chosen & 1 else None


def _closest(starts: list[Release], counts: Mapping[int, int]) -> int:
    """The bit with the fewest commits outside; of several the highest version's."""

    def position(bit: int) -> tuple[Any, ...]:
        return -_away(bit, counts), starts[bit].rank, starts[bit].name

    return max(range(len(starts)), key=position)


def _away(bit: int, counts: Mapping[int, int]) -> int:
    """How many of the commits are not in the release with this bit."""
    return sum(number for within, number in counts.items() if not within >> bit & 1)


def _raised(
    starts: list[Release],
    chosen: int,
    seen: Iterable[tuple[int, Release]],
    counts: Mapping[int, int],
    in_line: bool,
) -> Walk:
    """The chosen release and its distance, or a higher one among the commits since."""
    close = starts[chosen]
    top = close
    for within, release in seen:
        if not within >> chosen & 1 and release.rank > top.rank:
            top = release
    rivals = tuple(one for one in starts if one is not close)
    return Walk(top, close, _away(chosen, counts), rivals, in_line)


def last_final(git: GitCommand, head: str, way: Way, releases: Iterable[Release], scheme: Scheme) -> str:
    """The final release that a commit follows: way's where that is one, so that nothing is asked.

    Else (a pre-release is nearer, or none was found) the same walk with the final releases alone.
    """
    at = scheme.rank(way.release)
    if at is None or scheme.in_line(at, ()):
        return way.release
    return follow(git, head, highest_on(one for one in releases if scheme.in_line(one.rank, ()))).release


def count(git: GitCommand, commits: str, paths: tuple[str, ...] = ()) -> int:
    """How many commits git finds, of those that touch paths."""
    return int(git.run("rev-list", "--count", commits, *only(paths)).output)


def only(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments that limit a walk to paths, which git takes literally and from its own folder."""
    return ("--", *paths)
