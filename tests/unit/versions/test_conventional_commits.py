"""Conventional Commits 1.0.0: what a message states, and which release a history asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count, permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecr_push.versions.conventional_commits import GREP, Change, decide, parse_message

BREAKING = "BREAKING CHANGE: the old one is gone"

# One of each shape that the specification shows under "Examples".
EXAMPLES = [
    (f"feat: read the file twice\n\n{BREAKING}", Change("feat", "", "read the file twice", True)),
    ("refactor!: leave the old parser", Change("refactor", "", "leave the old parser", True)),
    ("refactor(parser)!: leave the old one", Change("refactor", "parser", "leave the old one", True)),
    (f"refactor!: leave it\n\n{BREAKING}", Change("refactor", "", "leave it", True)),
    ("docs: fix a word", Change("docs", "", "fix a word", False)),
    ("feat(lang): speak Danish", Change("feat", "lang", "speak Danish", False)),
    (
        "fix: stop in time\n\nWhy, in\ntwo lines.\n\nAnd one more.\n\nReviewed-by: Z\nRefs #133",
        Change("fix", "", "stop in time", False),
    ),
    ("revert: the last two\n\nRefs: 676104e, a215868", Change("revert", "", "the last two", False)),
]


@pytest.mark.parametrize(("message", "change"), EXAMPLES)
def test_the_shapes_of_the_specification(message: str, change: Change) -> None:
    assert parse_message(message) == change
    assert parse_message(message.replace("\n", "\r\n") + "\r\n") == change


HEADERS = [
    ("FEAT: shout", Change("feat", "", "shout", False)),
    ("Fix(API): x", Change("fix", "API", "x", False)),
    ("feat(@scope/pkg.name): x", Change("feat", "@scope/pkg.name", "x", False)),
    ("feat(a, b): x", Change("feat", "a, b", "x", False)),
    ("feat(foo(bar)): x", Change("feat", "foo(bar)", "x", False)),
    ("feat($cache)!: x", Change("feat", "$cache", "x", True)),
    ("feat(a: b): x: y", Change("feat", "a: b", "x: y", False)),
    ("feat(): x", Change("feat", "", "x", False)),
    ("feat: (a): b", Change("feat", "", "(a): b", False)),
    ("feat: ✨ sparkle", Change("feat", "", "✨ sparkle", False)),
    ("feat(✨): x", Change("feat", "✨", "x", False)),
    ("feat:  two spaces ", Change("feat", "", "two spaces", False)),
    ("bug-fix: x", Change("bug-fix", "", "x", False)),
    ("\nfix: git strips what is before", Change("fix", "", "git strips what is before", False)),
    ("fix: x (#12)\r", Change("fix", "", "x (#12)", False)),
    ('Revert "feat(api): x"\n\nThis reverts commit 676104e.', Change("revert", "api", "feat(api): x", False)),
    ('Revert "wip"', Change("revert", "", "wip", False)),
    (f'Revert "feat: x"\n\n{BREAKING}', Change("revert", "", "feat: x", True)),
    ('Revert "Revert "feat: x""', Change("feat", "", "x", False)),
    ('Reapply "feat(api)!: x"', Change("feat", "api", "x", True)),
    ('Revert "Reapply "feat: x""', Change("revert", "", 'Reapply "feat: x"', False)),
    ('Reapply "Reapply "fix: x""', Change("fix", "", "x", False)),
    ('Revert "feat(api): x" (#13)', Change("revert", "api", "feat(api): x", False)),
    ('Revert "Revert "feat: x"" (#14)', Change("feat", "", "x", False)),
    (f"Update the format\n\n{BREAKING}", Change("", "", "Update the format", True)),
    (
        f"Merge pull request #12 from a/b\n\n{BREAKING}",
        Change("", "", "Merge pull request #12 from a/b", True),
    ),
]


@pytest.mark.parametrize(("message", "change"), HEADERS)
def test_headers(message: str, change: Change) -> None:
    assert parse_message(message) == change


NO_CHANGES = [
    *(
        "",
        "\n",
        "wip",
        "feat",
        "feat:",
        "feat: ",
        "feat:x",
        "feat :x",
        "feat (api): x",
        "feat! : x",
        "feat(api: x",
    ),
    *(
        ": x",
        "(api): x",
        "!: x",
        "feat!!: x",
        "feat()!",
        "✨ feat: x",
        "[feat]: x",
        "1.4: x",
        "http://feat: x",
    ),
    *(
        "Merge branch 'feature/login' into main",
        "Merge pull request #12 from a/b\n\nfeat!: x",
        "fixup! feat: x",
    ),
    *("squash! feat!: x", f"Update\n{BREAKING}", 'Reapply "wip"', 'Revert ""', "Update\nfeat: x"),
]


@pytest.mark.parametrize("message", NO_CHANGES)
def test_what_is_not_a_conventional_commit(message: str) -> None:
    assert parse_message(message) is None


# What follows `fix: x`, and whether that is a breaking change.
FOOTERS = {
    "\n\nBREAKING CHANGE: y": True,
    "\n\nBREAKING-CHANGE: y": True,
    "\n\nbody\n\nBREAKING CHANGE: y": True,
    "\n\nbody\n\n\n\nBREAKING CHANGE: y": True,
    "\n\nbody\n \t\nBREAKING CHANGE: y": True,
    "\n\nReviewed-by: Z\nBREAKING CHANGE: y": True,
    "\n\nBREAKING CHANGE: y\nand on\n\nand on, in its own paragraph\n\nRefs: #1": True,
    "\n\nRefs #1\nwith more\nBREAKING CHANGE: y": True,
    "\n\nCloses: #1\n\nBREAKING CHANGE: y": True,
    "\n\nCloses: #1\n\nmore of the value\n\nBREAKING CHANGE: y": True,
    "\n\nBREAKING CHANGE:\n\n- y\n- z": True,
    "\n\nBREAKING CHANGE: y\n\nSigned-off-by: A <a@example.com>": True,
    "\nBREAKING CHANGE: y": False,
    "\nmore of the subject\nBREAKING CHANGE: y": False,
    "\n\nbody\nBREAKING CHANGE: y": False,
    "\n\nThis is not a BREAKING CHANGE: y": False,
    "\n\nSee BREAKING-CHANGE: y": False,
    "\n\n> BREAKING CHANGE: y": False,
    "\n\n  BREAKING CHANGE: y": False,
    "\n\nBREAKING CHANGE y": False,
    "\n\nBREAKING CHANGE:y": False,
    "\n\nBREAKING CHANGE #1": False,
    "\n\nBREAKING CHANGES: y": False,
    "\n\nBREAKING  CHANGE: y": False,
    "\n\nbreaking change: y": False,
    "\n\nBreaking Change: y": False,
    "\n\nBreaking-Change: y": False,
    "\n\nBREAKING: y": False,
    "\n\nRefs: BREAKING CHANGE: y": False,
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("rest", FOOTERS)
def test_a_breaking_change_is_a_footer_or_none(rest: str, end: str) -> None:
    change = parse_message(f"fix: x{rest}\n".replace("\n", end))
    assert change is not None
    assert change.breaking is FOOTERS[rest]


def test_a_long_message_is_read() -> None:
    body = "some words, and (parentheses) to go with them\n" * 22_000
    assert parse_message(f"feat: x\n\n{body}\n\n{BREAKING}") == Change("feat", "", "x", True)
    assert parse_message("feat(" + "(" * 1_000_000) is None
    assert parse_message("feat(" + "()" * 500_000) is None
    assert parse_message("f" * 1_000_000) is None
    assert parse_message('Revert "' * 100_000 + '"' * 100_000) is not None


LEVELS = [
    # message, from 1.0.0 on, below
    ("feat!: x", "major", "minor"),
    ("chore(deps)!: x", "major", "minor"),
    (f"docs: x\n\n{BREAKING}", "major", "minor"),
    ("feat: x", "minor", "minor"),
    ("fix: x", "patch", "patch"),
    ("perf: x", "patch", "patch"),
    ("revert: x", "patch", "patch"),
    ('Revert "feat: x"', "patch", "patch"),
    ("chore: x", None, None),
    ("feature: x", None, None),
    ("breaking: x", None, None),
    ("other: x", None, None),
    ("Merge branch 'x'", None, None),
]


@pytest.mark.parametrize(("message", "level", "below"), LEVELS)
def test_the_level_of_a_commit(message: str, level: str | None, below: str | None) -> None:
    for current, expected in [((1, 4, 2), level), ((2024, 1), level), ((0, 3, 1), below), ((), below)]:
        decision = decide([("c1", message)], current)
        assert decision.level == expected
        assert decision.commit == ("c1" if expected else "")
        assert sum(decision.counted.values()) == 1


MESSAGES = ["docs: a", "fix: b", "feat: c", "feat!: d"]


@pytest.mark.parametrize("messages", list(permutations(MESSAGES)))
def test_the_highest_wins(messages: tuple[str, ...]) -> None:
    decision = decide(zip(count(), messages), (1, 0, 0))  # type: ignore[arg-type]
    assert (decision.level, decision.subject, messages[int(decision.commit)]) == (
        "major",
        "feat!: d",
        "feat!: d",
    )
    assert decide([("1", m) for m in messages if "!" not in m], (1, 0, 0)).level == "minor"


def test_the_first_commit_that_decided_is_named() -> None:
    history = [("c1", "fix: a"), ("c2", "docs: b"), ("c3", "feat: c"), ("c4", "feat: d"), ("c5", "fix: e")]
    decision = decide(history, (1, 4, 2))
    assert (decision.level, decision.commit, decision.subject) == ("minor", "c3", "feat: c")
    assert decision.reason == '"feat: c" raises the minor version'
    assert decision.counted == {"breaking": 0, "feat": 2, "fix": 2, "perf": 0, "revert": 0, "other": 1}
    assert decide(history, (0, 4, 2)).counted["feat"] == 1


def test_no_commit_asks_for_a_release() -> None:
    decision = decide([("c1", "docs: a"), ("c2", "wip")], (1, 4, 2))
    assert (decision.level, decision.commit, decision.subject) == (None, "", "")
    assert decision.reason.startswith("no commit raises the version")
    assert decide([], (1, 4, 2)).level is None


@pytest.mark.parametrize(
    ("current", "decisive", "other"), [((1, 0), "feat!: x", "feat: x"), ((0, 9), "feat: x", "fix: x")]
)
def test_reading_ends_where_nothing_higher_can_come(
    current: tuple[int, ...], decisive: str, other: str
) -> None:
    def endless() -> Iterator[tuple[str, str]]:
        yield "c1", other
        yield "c2", decisive
        raise AssertionError("read on")

    assert decide(endless(), current).commit == "c2"


def test_below_one_a_breaking_change_is_said_to_count_less() -> None:
    assert decide([("c1", "feat!: x")], (0, 3, 1)).reason == (
        '"feat!: x" raises the minor version (a breaking change below 1.0.0)'
    )


SCOPED = [
    ("feat(api): x", "minor"),
    ("feat(API): x", "minor"),
    ("feat: x", "minor"),
    ("feat(): x", "minor"),
    ("feat(api, web): x", "minor"),
    ("feat(docs,web/api): x", "minor"),
    ('Revert "feat(api): x"', "patch"),
    ('Revert "wip"', "patch"),
    ("feat(web): x", None),
    ("feat(web)!: x", None),
    ("feat(api/v2): x", None),
    ('Revert "feat(web): x"', None),
]


@pytest.mark.parametrize(("message", "level"), SCOPED)
def test_scopes_leave_out_the_commits_of_other_parts(message: str, level: str | None) -> None:
    assert decide([("c1", message)], (1, 0, 0), frozenset({"api", "Web/API"})).level == level


def test_a_subject_is_fit_to_be_shown() -> None:
    long = decide([("c1", "feat: " + "x" * 1_000_000)], (1, 0, 0)).subject
    assert (len(long), long[-2:]) == (100, "x…")
    assert decide([("c1", "feat: a\x1b[31m\tb\u202e\n\nbody")], (1, 0, 0)).subject == "feat: a [31m b "


messages = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(
        ["feat", "FIX", "perf", "revert", "chore", "ﬁx", 'Revert "feat', 'Reapply "fix', "", "\n\nfeat"]
    ),
    st.sampled_from(["", "(api)", "()", "(a(b))", "( )"]),
    st.sampled_from(["", "!", "!!"]),
    st.sampled_from([": ", ":", ": x\n\nBREAKING CHANGE: ", ": x\r\n\r\nBREAKING-CHANGE: ", " : "]),
    st.text(alphabet='ab \n\r"!:', max_size=8),
    st.sampled_from(["", '"', '""', "\n\nBREAKING CHANGE: z", "\n\nRefs #1\nBREAKING CHANGE:"]),
)


@given(messages)
@example('Revert "wip"')
@example(f"chore: x\n\n{BREAKING}")
def test_git_finds_every_commit_that_counts(message: str) -> None:
    if decide([("c1", message)], (1, 0, 0)).level:
        flags = re.IGNORECASE | re.MULTILINE
        assert any(re.search(pattern, message, flags) for pattern in GREP), message


@given(st.text())
def test_any_text_is_a_change_or_none(message: str) -> None:
    change = parse_message(message)
    assert change is None or (change.type and change.description)


def undoing(*names: str) -> str:
    return "".join(f"\n\nThis reverts commit {name}." for name in names)


OTHERS, FIRST = "b" * 40, "a" * 40
# Commits, newest first, and the level of the next release.
UNDONE = {
    "both are new": ([("c" * 40, f'Revert "feat!: x"{undoing(FIRST)}'), (FIRST, "feat!: x")], None),
    "by the first digits": ([("c" * 40, f"revert: feat: x{undoing('a' * 7)}"), (FIRST, "feat: x")], None),
    "something else is new": (
        [("c" * 40, f'Revert "feat!: x"{undoing(FIRST)}'), (OTHERS, "fix: y"), (FIRST, "feat!: x")],
        "patch",
    ),
    "it was released": ([("c" * 40, f'Revert "feat!: x"{undoing(FIRST)}'), (OTHERS, "docs: y")], "patch"),
    "one of two was released": (
        [("c" * 40, f"revert: two{undoing(FIRST, 'd' * 40)}"), (FIRST, "feat: x")],
        "patch",
    ),
    "without a hash": ([("c" * 40, 'Revert "feat: x"'), (FIRST, "feat: x")], "minor"),
    "of another commit": ([("c" * 40, f'Revert "feat: x"{undoing(OTHERS)}'), (FIRST, "feat: x")], "minor"),
    "brought back": (
        [
            ("d" * 40, f'Reapply "feat: x"{undoing("c" * 40)}'),
            ("c" * 40, f'Revert "feat: x"{undoing(FIRST)}'),
            (FIRST, "feat: x"),
        ],
        "minor",
    ),
    "brought back, and undone again": (
        [
            ("e" * 40, f'Revert "Reapply "feat: x""{undoing("d" * 40)}'),
            ("d" * 40, f'Reapply "feat: x"{undoing("c" * 40)}'),
            ("c" * 40, f'Revert "feat: x"{undoing(FIRST)}'),
            (FIRST, "feat: x"),
        ],
        None,
    ),
    "a merge": (
        [
            (
                "c" * 40,
                f"Revert \"Merge branch 'x'\"\n\nThis reverts commit {FIRST}, reversing\nchanges made to y.",
            ),
            (FIRST, f"Merge branch 'x'\n\n{BREAKING}"),
        ],
        None,
    ),
    "a pull request": (
        [("c" * 40, 'Revert "feat: x" (#13)\n\nReverts acme/app#12'), (FIRST, "feat: x (#12)")],
        None,
    ),
    "another pull request": (
        [("c" * 40, 'Revert "feat: x" (#13)\n\nReverts acme/app#1'), (FIRST, "feat: x (#12)")],
        "minor",
    ),
}


@pytest.mark.parametrize(("commits", "level"), UNDONE.values(), ids=UNDONE)
def test_a_commit_and_its_revert_are_as_if_neither_had_been_made(
    commits: list[tuple[str, str]], level: str | None
) -> None:
    decision = decide(commits, (1, 4, 2))
    assert decision.level == level
    assert sum(decision.counted.values()) == len(commits)
