"""Git tags that look like versions and count as none: what the user should know of them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import closest
from ecr_push.versions.history import ReleaseHistory
from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.schemes.scheme import Scheme, highest
from ecr_push.versions.version import Version

# Where a version may begin within a tag: `api/v1.2.3`, `web-1.2.3`, `pkg@1.2.3`, `lib1.2.3`.
_START = lazy_regex(r"(?:(?<![0-9A-Za-z.])v)?(?<![0-9.])[0-9]")
_VERSION_LIKE = lazy_regex(r"v?[0-9]+[.!-][0-9]")
_YEAR_FIRST = lazy_regex(r"v?(?:19|20)[0-9]{2}[.-]")
_NAMED = ("semver", "two-part", "pep440")
_CALENDARS = (
    *("YYYY.0M.MICRO", "YYYY.MM.MICRO", "YYYY.0M.0D", "YYYY.0M", "YYYY.MM", "YYYY-0M-0D", "YYYY-0M"),
    *("YY.0M.MICRO", "YY.0M"),
)
_SHOWN = 3


def unread_tag_notes(history: ReleaseHistory, version: Version) -> tuple[str, ...]:
    """Why a commit with a git tag, or a repository with many, has no release; () where nothing is odd.

    The tag that the run is for counts whatever it is called; another one on the commit only where it looks
    like a version. All tags of the repository count where none of them is read.
    """
    if version.is_release or version.strategy == "explicit":
        return ()
    if history.run_tag and not history.no_release and _version_in(history.run_tag, history, version) is None:
        return (_unread(history.run_tag, history, version),)
    if not history.release_tags:
        note = _none_read(history, version)
        return (note,) if note else ()
    here = [tag for tag in history.tags if version.scheme.rank(tag) is None and schemes_for(tag)]
    if here and not highest(version.scheme, history.tags):
        return (_unread(history.git_tag(here[-1]), history, version),)
    return ()


def schemes_for(name: str) -> tuple[str, ...]:
    """The version schemes that read a name, the likeliest first."""
    if not _VERSION_LIKE.match(name):
        return ()
    order = (*_CALENDARS, *_NAMED) if _YEAR_FIRST.match(name) else (*_NAMED, *_CALENDARS)
    schemes = _schemes()
    read = {text: rank for text in order if (rank := schemes[text].rank(name)) is not None}
    # To YYYY-0M the last part of 2024-05-31 is a pre-release.
    finals = tuple(text for text, rank in read.items() if schemes[text].in_line(rank, ()))
    return finals or tuple(read)


@cache
def _schemes() -> Mapping[str, Scheme]:
    """Made once: each compiles its pattern, and a repository may have ten thousand tags."""
    return {text: parse_scheme(text) for text in (*_NAMED, *_CALENDARS)}


def prefix_of(tag: str, scheme: Scheme) -> str:
    """What stands before the version in a tag: `api/` in `api/v1.2.3`; "" without a prefix or a version."""
    starts = (match.start() for match in _START.finditer(tag))
    return next((tag[:at] for at in starts if at and scheme.rank(tag[at:]) is not None), "")


def _version_in(tag: str, history: ReleaseHistory, version: Version) -> object:
    name = tag.removeprefix(history.tag_prefix)
    return version.scheme.rank(name) if tag.startswith(history.tag_prefix) else None


def _unread(tag: str, history: ReleaseHistory, version: Version) -> str:
    what = f"the git tag {tag} is not a release"
    if not tag.startswith(history.tag_prefix):
        return f"{what}: it does not begin with --tag-prefix {history.tag_prefix}"
    name = tag.removeprefix(history.tag_prefix)
    return f"{what}: {name} is not a version of {version.scheme.name}; {_remedy(name, version.scheme)}"


def _remedy(name: str, scheme: Scheme) -> str:
    if prefix := prefix_of(name, scheme):
        return f"--tag-prefix {prefix} reads it"
    if readers := schemes_for(name):
        return f"--version-scheme {_or(readers)} reads it"
    return "no version scheme reads it: give the version with --version, or tag a version, such as v1.2.3"


def _none_read(history: ReleaseHistory, version: Version) -> str:
    """What a user should know of a repository whose tags are all unread; "" where they hold none."""
    prefix, scheme = history.tag_prefix, version.scheme
    found = Counter(filter(None, (prefix_of(tag, scheme) for tag in history.other_tags)))
    plain = sum(1 for tag in history.other_tags if prefix and scheme.rank(tag) is not None)
    own = [tag.removeprefix(prefix) for tag in history.other_tags if tag.startswith(prefix)]
    counted = Counter(reader for name in own for reader in schemes_for(name))
    most = max(counted.values(), default=0)
    readers = Counter({reader: count for reader, count in counted.items() if count == most})
    begin = f"no git tag is a version of {scheme.name}" + (f" after --tag-prefix {prefix}" if prefix else "")
    if readers and (not found or prefix):
        return f"{begin}; --version-scheme {_or(_frequent(readers))} reads {_tags(most)}"
    if not found and not plain:
        return ""
    there = [f"{one} ({_tags(found[one])})" for one in _frequent(found)]
    if plain:
        there.append(f"no prefix ({_tags(plain)})")
    meant = closest(prefix, found) if prefix else ""
    return f"{begin}; versions have " + ", ".join(there) + (f"; did you mean {meant!r}?" if meant else "")


def _frequent(counted: Counter[str]) -> Iterator[str]:
    return (name for name, _ in counted.most_common(_SHOWN))


def _tags(count: int) -> str:
    return "1 tag" if count == 1 else f"{count} tags"


def _or(names: Iterable[str]) -> str:
    *most, last = list(names)[:_SHOWN]
    return f"{', '.join(most)} or {last}" if most else last
