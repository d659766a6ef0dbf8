"""Objects of our dataclass, side by side with those of the standard library's."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import pprint
from collections.abc import Mapping
from typing import Any

import pytest

from ecr_push.base.dataclass import dataclass

DECORATORS = {"ours": dataclass, "theirs": dataclasses.dataclass}


@dataclass(frozen=True)
class Place:
    host: str
    port: int = 443


@pytest.fixture(params=DECORATORS)
def noun(request: pytest.FixtureRequest) -> Any:
    decorator: Any = DECORATORS[request.param]

    @decorator(frozen=True)
    class Noun:
        name: str
        size: int = 1
        labels: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
        secret: str = dataclasses.field(default="x", repr=False, compare=False)

        def __post_init__(self) -> None:
            if self.size < 0:
                raise ValueError("size")

        @property
        def double(self) -> int:
            return self.size * 2

    return Noun


def test_values_and_defaults(noun: Any) -> None:
    one = noun("a", secret="y")
    assert (one.name, one.size, one.labels, one.secret, one.double) == ("a", 1, {}, "y", 2)
    assert noun("a", 2, {"k": "v"}).labels == {"k": "v"}
    assert noun("a").labels is not noun("a").labels
    assert (noun.size, noun.secret) == (1, "x")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((), {}),
        (("a", 1, {}, "x", 2), {}),
        (("a",), {"other": 1}),
        (("a",), {"name": "b"}),
        ((), {"size": 1}),
    ],
)
def test_wrong_arguments_are_refused_with_the_name_of_the_class(noun: Any, values: Any, named: Any) -> None:
    with pytest.raises(TypeError, match=r"Noun\.__init__\(\)"):
        noun(*values, **named)


def test_objects_are_checked_as_they_are_made(noun: Any) -> None:
    with pytest.raises(ValueError, match="size"):
        noun("a", -1)


def test_what_makes_two_objects_equal(noun: Any) -> None:
    assert noun("a", secret="1") == noun("a", secret="2")
    assert noun("a") != noun("a", 2)
    assert noun("a") != noun("a", labels={"k": "v"})
    assert noun("a") != ("a", 1, {}, "x")
    assert hash(noun("a", labels={"k": "v"})) == hash(noun("a"))
    assert hash(noun("a")) != hash(noun("a", 2))


def test_nothing_can_be_changed(noun: Any) -> None:
    one = noun("a")
    for change in (lambda: setattr(one, "name", "b"), lambda: setattr(one, "other", 1)):
        with pytest.raises(dataclasses.FrozenInstanceError):
            change()
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.name
    assert one.name == "a"


def test_how_it_is_shown(noun: Any) -> None:
    assert repr(noun("a", 2)).endswith("Noun(name='a', size=2, labels={})")


def test_the_functions_of_the_standard_library_take_it(noun: Any) -> None:
    assert [one.name for one in dataclasses.fields(noun)] == ["name", "size", "labels", "secret"]
    assert dataclasses.replace(noun("a"), size=3) == noun("a", 3)
    assert dataclasses.asdict(noun("a")) == {"name": "a", "size": 1, "labels": {}, "secret": "x"}
    assert dataclasses.is_dataclass(noun)
    assert copy.deepcopy(noun("a", 2)) == copy.copy(noun("a", 2)) == noun("a", 2)
    assert "name='a'" in pprint.pformat(noun("a"), width=1)  # as pytest shows what differs
    match noun("a", 5):
        case noun(name, size):
            assert (name, size) == ("a", 5)


def test_a_class_without_fields_has_equal_objects() -> None:
    @dataclass(frozen=True)
    class Nothing:
        pass

    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())


def test_methods_of_the_class_stay_and_those_that_are_not_wanted_are_not_made() -> None:
    @dataclass(frozen=True, eq=False, repr=False)
    class Secret:
        value: str

    @dataclass(frozen=True)
    class Shown:
        value: str

        def __repr__(self) -> str:
            return "…"

    assert "hidden" not in repr(Secret("hidden"))
    assert Secret("a") != Secret("a")
    assert repr(Shown("hidden")) == "…"


def test_a_class_that_inherits_takes_the_fields_before_its_own() -> None:
    @dataclass(frozen=True)
    class Image(Place):
        tag: str = "latest"

    assert Image("a", 1, "b").tag == "b"
    assert Image("a") != Place("a")
    assert Place("a").port == 443


def test_an_object_comes_back_from_its_bytes() -> None:
    assert pickle.loads(pickle.dumps(Place("a", 80))) == Place("a", 80)


@pytest.mark.parametrize("decorator", DECORATORS.values(), ids=DECORATORS)
def test_objects_that_may_change_have_no_hash(decorator: Any) -> None:
    @decorator(repr=False)
    class Draft:
        name: str
        notes: list[str] = dataclasses.field(default_factory=list)

    one, other = Draft("a"), Draft("a")
    one.name = "b"
    one.notes.append("hidden")
    assert (one.name, one.notes, other.notes) == ("b", ["hidden"], [])
    assert one != other
    other.name, other.notes = "b", ["hidden"]
    assert one == other
    assert "hidden" not in repr(one)
    with pytest.raises(TypeError):
        hash(one)


def test_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the reason why the module is there."""

    def refuse(*arguments: Any) -> None:
        raise AssertionError("it was compiled")

    for module in (dataclasses, __import__("ecr_push.base.dataclass", fromlist=["dataclass"])):
        monkeypatch.setattr(module, "exec", refuse, raising=False)

    @dataclass(frozen=True)
    class Noun:
        name: str

    assert Noun("a") == Noun("a")
