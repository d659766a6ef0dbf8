from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.settings.images.needs import groups, in_order, needs_problems, with_needed

NEEDS = {"base": (), "api": ("base",), "web": ("base",), "job": ("api",), "docs": ()}


@pytest.mark.parametrize(
    ("names", "order", "jobs"),
    [
        (["docs"], ["docs"], [["docs"]]),
        (["job", "base", "api"], ["base", "api", "job"], [["base", "api", "job"]]),
        (["web", "docs", "api"], ["web", "docs", "api"], [["web"], ["docs"], ["api"]]),
        (["web", "docs", "base"], ["base", "web", "docs"], [["base", "web"], ["docs"]]),
        # What lies between two of them need not run.
        (["job", "base"], ["base", "job"], [["base", "job"]]),
        ([], [], []),
    ],
)
def test_order_and_groups(names: list[str], order: list[str], jobs: list[list[str]]) -> None:
    assert in_order(iter(names), NEEDS) == order
    assert groups(names, NEEDS) == jobs


def test_what_an_image_needs_through_others() -> None:
    assert with_needed("job", NEEDS) == ("job", "api", "base")


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    names = [f"i{number}" for number in range(draw(st.integers(1, 8)))]
    return {
        name: tuple(draw(st.lists(st.sampled_from(names[:at]), unique=True)) if at else ())
        for at, name in enumerate(names)
    }


@given(graphs(), st.data())
def test_each_comes_behind_those_it_needs(needs: dict[str, tuple[str, ...]], data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(needs)), unique=True))
    order = in_order(names, needs)
    assert sorted(order) == sorted(names)
    for name in order:
        assert all(
            order.index(one) < order.index(name) for one in with_needed(name, needs)[1:] if one in order
        )
    jobs = groups(names, needs)
    assert sorted(one for job in jobs for one in job) == sorted(names)
    for job in jobs:
        assert job == [one for one in order if one in job]
        others = set(names) - set(job)
        assert not others & {one for name in job for one in with_needed(name, needs)}
    assert not list(needs_problems({name: ("x", needed) for name, needed in needs.items()}))


def test_a_circle_is_named() -> None:
    found = list(needs_problems({"a": ("f, line 1", ["b"]), "b": ("f, line 2", ["c"]), "c": ("", ["b"])}))
    assert found == ["f, line 2.needs: images need each other in a circle: b -> c -> b"]
    assert list(needs_problems({"a": ("f", ["a"])})) == [
        "f.needs: images need each other in a circle: a -> a"
    ]


def test_layers_that_all_need_each_other_and_long_chains_are_read_at_once() -> None:
    """Each layer doubles the ways through them, and a chain is longer than Python calls itself."""
    sides = [[f"{side}{layer}" for side in "ab"] for layer in range(40)]
    layers = {name: sides[at - 1] if at else [] for at, names in enumerate(sides) for name in names}
    chain = {f"i{at}": [f"i{at - 1}"] if at else [] for at in range(3_000)}
    for needs in (layers, chain):
        names = [*reversed(needs)]
        assert not list(needs_problems({name: ("x", needs[name]) for name in names}))
        assert in_order(names, needs)[0] in ("a0", "b0", "i0")
    chain["i0"] = ["i2999"]
    [problem] = needs_problems({name: ("x", needed) for name, needed in chain.items()})
    assert problem.startswith("x.needs: images need each other in a circle: i0 -> i2999")
