"""Which release a history of Conventional Commits calls for: messages -> Decision. Pure.

https://www.conventionalcommits.org/en/v1.0.0/; the items in comments are its specification's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.versions.reverts import Reverts
from ecr_push.versions.schemes.scheme import Level

# For `git log --extended-regexp --regexp-ignore-case` with a `--grep=` each: every commit that may count
# has a line that one of them matches, and git skips the rest. `parse_message` decides.
GREP = (
    r"^(feat|fix|perf|revert)(\(|!|:)",
    r"!: ",
    r"^BREAKING[ -]CHANGE:",
    r'^(Revert|Reapply) "',
)

# Items 1, 4 and 13: type, (scope), `!`, then a colon and a space. A scope may have parentheses inside, and
# `feat(): x` counts as one without a scope: to miss a change is the worse mistake.
_HEADER = lazy_regex(
    r"(?P<type>[^\W\d_][\w-]*)(?:\((?P<scope>(?:[^()]|\([^()]*\))*)\))?(?P<breaking>!)?"
    r": +(?P<description>\S.*)"
)
# What GitHub adds to the title of a pull request when it squashes it.
_PULL_REQUEST = lazy_regex(r" \(#\d+\)$")
# As git writes them. A revert of a revert brings the first commit back, which git 2.43 calls Reapply.
_REVERT = lazy_regex(r'Revert "(?P<reverted>.+)"')
_REAPPLY = lazy_regex(r'(?:Reapply "(?P<now>.+)"|Revert "Revert "(?P<before>.+)"")')
# Items 8 to 10: `token: value` or `token #value`, where the token is one word.
_FOOTER = lazy_regex(r"[A-Za-z0-9-]+(?:: | #)\S|BREAKING CHANGE:(?: |$)")
# Items 12, 15 and 16. A value may begin on the next line, as in the convention that this one comes from.
_BREAKING = lazy_regex(r"BREAKING[ -]CHANGE:(?: |$)")

_REVERT_KIND = "revert"
_TYPES: Mapping[str, Level] = {"feat": "minor", "fix": "patch", "perf": "patch", _REVERT_KIND: "patch"}
_BREAKING_KIND = "breaking"
_LEVELS: Mapping[str, Level] = {_BREAKING_KIND: "major", **_TYPES}
_BEFORE_ONE: Mapping[str, Level] = {**_LEVELS, _BREAKING_KIND: "minor"}
_OTHER = "other"
_ORDER: tuple[Level | None, ...] = (None, "patch", "minor", "major")
_LONGEST_SUBJECT = 100
_MOST_REVERTS = 20


@dataclass(frozen=True)
class Change:
    """A Conventional Commit. type is in lower case; scope is "" where there is none.

    type is "" for a commit that has a free title, and a footer that says what it breaks.
    """

    type: str
    scope: str
    description: str
    breaking: bool


@dataclass(frozen=True)
class Decision:
    """The level of the next release, and which commit calls for it.

    level:   None where no commit raises the version.
    commit:  the first of the commits, in the given order, that call for this level; "" where none does.
    subject: its first line, at most 100 printable characters.
    reason:  a sentence for the user, without a full stop.
    counted: how many commits of each kind were read: breaking, feat, fix, perf, revert, other. Reading
             ends with the first commit of the highest level.
    """

    level: Level | None
    commit: str
    subject: str
    reason: str
    counted: Mapping[str, int]


def parse_message(message: str) -> Change | None:
    """The change that a commit's message states, or None where it is not a Conventional Commit.

    `Revert "feat: x"`, as git writes it, is a change of type revert, whatever it reverts; its scope is
    that of the reverted commit. `Reapply "feat: x"` is `feat: x` again. `fixup! feat: x` is nothing.
    A breaking change is marked by `!` or by a footer, which counts under any title: to miss one is the worse
    mistake. The same words elsewhere do not count (item 11).
    """
    lines = message.replace("\r\n", "\n").lstrip("\n").split("\n")
    header = lines[0].rstrip()
    if header.startswith(("Revert ", "Reapply ")):
        header = _in_effect(_PULL_REQUEST.sub("", header))
    reverted = _REVERT.fullmatch(header)
    match = _HEADER.fullmatch(reverted["reverted"] if reverted else header)
    scope = (match["scope"] or "").strip() if match else ""
    breaking = "BREAKING" in message and _has_breaking_footer(lines[1:])
    if reverted:
        return Change("revert", scope, reverted["reverted"], breaking)
    if match is None:
        return Change("", "", header, breaking) if breaking else None
    return Change(match["type"].lower(), scope, match["description"], breaking or bool(match["breaking"]))


def decide(
    changes: Iterable[tuple[str, str]], current: tuple[int, ...], scopes: frozenset[str] = frozenset()
) -> Decision:
    """The highest level that the commits call for.

    | commit                   | from 1.0.0 on | below |
    |--------------------------|---------------|-------|
    | breaking, of any type    | major         | minor |
    | feat                     | minor         | minor |
    | fix, perf, revert        | patch         | patch |
    | anything else            | none          | none  |

    A commit and its revert count as nothing if both are among the commits, and so does a revert that was
    reverted. Version 1.0.0 is set by a tag and never computed.

    changes: (commit, message) each. Read one by one, and only until nothing higher can come.
    current: the numbers of the release before them; () where there is none.
    scopes:  where given, a commit that names only other scopes is ignored. One that names none
             counts: it may concern every part. `feat(api,web): x` names two; case does not matter.
    """
    levels = _LEVELS if current[:1] > (0,) else _BEFORE_ONE
    wanted = {scope.lower() for scope in scopes}
    highest = max(map(_ORDER.index, levels.values()))
    counted = dict.fromkeys((*_LEVELS, _OTHER), 0)
    top, decided, subject, kind = 0, "", "", ""
    reverts = Reverts()
    open_reverts: list[tuple[tuple[str, ...], str, str]] = []  # what each undoes; its commit and message

    def count(found: str, commit: str, message: str) -> None:
        nonlocal top, decided, subject, kind
        counted[found] += 1
        if (level := _ORDER.index(levels.get(found))) > top:
            top, decided, subject, kind = level, commit, _subject(message), found

    for commit, message in changes:
        if reverts.undo(commit, message):
            counted[_OTHER] += 1
            continue
        undoes = reverts.note(message)
        change = parse_message(message)
        found = _kind(change) if change and _concerns(change, wanted) else _OTHER
        if found == _REVERT_KIND and undoes:
            open_reverts.append((undoes, commit, message))
            continue
        count(found, commit, message)
        if top == highest:
            break
    for undoes, commit, message in open_reverts:
        count(_OTHER if reverts.were_read(undoes) else _REVERT_KIND, commit, message)
    return Decision(_ORDER[top], decided, subject, _reason(kind, subject, levels is _BEFORE_ONE), counted)


def _in_effect(header: str) -> str:
    """The header that is left of one that was reverted and brought back, however often."""
    for _ in range(_MOST_REVERTS):
        reapplied = _REAPPLY.fullmatch(header)
        if reapplied is None:
            break
        header = reapplied["now"] or reapplied["before"]
    return header


def _kind(change: Change) -> str:
    if change.breaking:
        return _BREAKING_KIND
    return change.type if change.type in _TYPES else _OTHER


def _concerns(change: Change, wanted: set[str]) -> bool:
    named = {part.strip() for part in change.scope.lower().split(",")} | {change.scope.lower()}
    return not wanted or not change.scope or bool(named & wanted)


def _has_breaking_footer(lines: list[str]) -> bool:
    """Whether a breaking change is stated after a header, in the footers.

    The footers begin with the first paragraph that begins with one, and last to the end: a value may
    have several lines and paragraphs, and ends where the next footer begins (item 10).
    """
    in_footers, after_blank = False, False
    for line in lines:
        if after_blank and not in_footers:
            in_footers = bool(_FOOTER.match(line))
        if in_footers and _BREAKING.match(line):
            return True
        after_blank = not line.strip()
    return False


def _subject(message: str) -> str:
    # The commit's author wrote this, and it is shown on terminals and in reports.
    line = message.lstrip("\r\n").split("\n", 1)[0][: _LONGEST_SUBJECT + 1].rstrip()
    shown = "".join(sign if sign.isprintable() else " " for sign in line)
    return shown if len(shown) <= _LONGEST_SUBJECT else shown[: _LONGEST_SUBJECT - 1] + "…"


def _reason(kind: str, subject: str, before_one: bool) -> str:
    if not kind:
        return "no commit raises the version: none is a feat, fix, perf, revert or breaking change"
    level = (_BEFORE_ONE if before_one else _LEVELS)[kind]
    below = " (a breaking change below 1.0.0)" if kind == _BREAKING_KIND and before_one else ""
    return f'"{subject}" raises the {level} version{below}'
