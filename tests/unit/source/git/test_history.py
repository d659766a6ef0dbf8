"""The walk to the nearest release, against its definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hypothesis import given
from hypothesis import strategies as st

from ecr_push.source.git.history import Release, nearest

Parents = dict[int, list[int]]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Parents, dict[str, Release]]:
    """Commits 0 to n, each with earlier ones as parents, and releases on some of them."""
    size = draw(st.integers(1, 14))
    parents: Parents = {0: []}
    for commit in range(1, size):
        earlier = st.integers(max(0, commit - 5), commit - 1)
        parents[commit] = draw(st.lists(earlier, min_size=commit > 2, max_size=3, unique=True))
    tagged = draw(st.lists(st.integers(0, size - 1), unique=True, max_size=6))
    ranks = draw(st.permutations(range(len(tagged))))
    on = {str(at): Release((rank,), f"v{rank}", str(at)) for at, rank in zip(tagged, ranks, strict=True)}
    return parents, on


def ancestors(commit: int, parents: Parents) -> set[int]:
    """The commit itself and all that it contains."""
    found, todo = set(), [commit]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += parents[one]
    return found


def rev_list(parents: Parents) -> Iterator[str]:
    head = max(parents)
    for commit in sorted(ancestors(head, parents), reverse=True):
        yield " ".join(map(str, [commit, *parents[commit]]))


def defined(parents: Parents, on: Mapping[str, Release]) -> tuple[Release | None, int]:
    head = ancestors(max(parents), parents)
    since = {release: head - ancestors(int(at), parents) for at, release in on.items() if int(at) in head}
    if not since:
        return None, len(head)
    near = min(since, key=lambda release: (len(since[release]), [-part for part in release.rank]))
    higher = [one for one in since if int(one.commit) in since[near] and one.rank > near.rank]
    top = max(higher, default=near)
    return top, len(since[top])


@given(histories())
def test_the_nearest_release_and_a_higher_one_that_was_merged_since(
    history: tuple[Parents, dict[str, Release]],
) -> None:
    parents, on = history
    walk = nearest(rev_list(parents), on)
    expected, distance = defined(parents, on)
    assert walk.release == expected
    if walk.release is walk.close:
        assert walk.away == distance


def test_a_higher_release_that_was_merged_counts_though_further_away() -> None:
    """6 merges 5 (v1, four commits ago) and 3 (on v2, five commits ago)."""
    lines = ["6 5 3", "5 4", "4 0", "3 2", "2 1", "1 0", "0"]
    low, high = Release((1,), "v1", "5"), Release((2,), "v2", "1")
    merged = nearest(lines, {"5": low, "1": high})
    assert (merged.release, merged.close) == (high, low)
    nearer = nearest(lines, {"5": high, "1": low})
    assert (nearer.release, nearer.close, nearer.away) == (high, high, 4)


def test_of_two_that_are_equally_near_the_higher_counts_though_it_is_certain_later() -> None:
    """When s was read, t is still to come, and known only as an ancestor of y."""
    lines = ["h a b", "a x", "b y", "x p", "y r", "p q", "q u", "r s", "s t u", "u t", "t"]
    names = (("x", 2), ("y", 1), ("p", 3))  # p is no more than one of the commits between y and h
    on = {at: Release((rank,), f"v{rank}", at) for at, rank in names}
    walk = nearest(lines, on)
    assert (walk.release, walk.close, walk.away) == (on["x"], on["x"], 6)


def test_no_more_is_read_than_needed() -> None:
    """A release of ten commits ago, in a history of a million."""
    read = 0

    def lines() -> Iterator[str]:
        nonlocal read
        for commit in range(1_000_000, 0, -1):
            read += 1
            yield f"{commit} {commit - 1}"

    release = Release((1,), "v1", "999990")
    walk = nearest(lines(), {"999990": release})
    assert (walk.release, walk.away, walk.in_line) == (release, 10, True)
    assert read == 11


def test_a_second_branch_is_read_to_where_it_left() -> None:
    """head merges 8 (v2) and 5; both come from 3: what 5 and 4 contain is counted, and 2 is not asked for."""
    lines = iter(["9 8 5", "8 3", "5 4", "4 3", "3 2", "2 1"])
    release = Release((2,), "v2", "8")
    walk = nearest(lines, {"8": release})
    assert (walk.release, walk.away, walk.in_line) == (release, 3, False)
    assert list(lines) == ["3 2", "2 1"]
