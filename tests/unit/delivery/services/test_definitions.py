"""Definitions in files and as AWS describes them: the image put in, and which two say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import SettingsError
from ecr_push.base.reference import Digest
from ecr_push.delivery.edit import Deployed
from ecr_push.delivery.services.definitions import is_file, plain, put_image, read_definition

DEPLOYED = Deployed("127.0.0.1:5000/team/shop", Digest(f"sha256:{'7f' * 32}"))


def read(folder: Path, text: str, name: str = "task.yaml", *containers: str) -> Any:
    path = folder / name
    path.write_text(text)
    return read_definition(str(path), DEPLOYED, containers).definition


def test_a_file_and_a_name() -> None:
    assert [one for one in ("shop", "shop:7", "task.json", "./shop", "C/shop") if is_file(one)] == [
        "task.json",
        "./shop",
        "C/shop",
    ]


def test_words_of_yaml_are_what_its_core_schema_says(tmp_path: Path) -> None:
    text = (
        "a: [1, -2.5, true, False, null, ~, , '1', \"true\", 0x1f, 1_000, yes, 007, 1e3]\nimage: team/shop\n"
    )
    found = read(tmp_path, text.replace(", ,", ","))
    assert found["a"] == [1, -2.5, True, False, "1", "true", "0x1f", "1_000", "yes", "007", "1e3"]
    assert found["image"] == str(DEPLOYED)
    shared = read(tmp_path, "x: &x {a: null, b: 1}\ny: *x\nimage: team/shop\n")
    assert shared["x"] == shared["y"] == {"b": 1}


def test_what_aws_describes_is_changed_as_a_file_is() -> None:
    odd = {"env": 'a\x7fb 😀 é / \\ "', "image": "team/shop:1", "n": [1, 2.5, None, True]}
    found = put_image(odd, "it", DEPLOYED, ())
    assert found.definition == {**odd, "image": str(DEPLOYED)}
    assert found.before == ("team/shop:1",)
    assert put_image(found.definition, "it", DEPLOYED, ()).before == (str(DEPLOYED),)
    with pytest.raises(SettingsError) as raised:
        put_image({"containers": [{"name": "web", "image": "nginx"}]}, "job definition a", DEPLOYED, ("wbe",))
    assert raised.value.problems == (
        "job definition a: there is no container 'wbe'; did you mean 'web'?; it has web (nginx)",
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": []}, {}, True),
        ({"a": {"b": None}}, {"a": {}}, True),
        ({"cpu": 0}, {}, True),
        ({"essential": True}, {}, True),
        ({"essential": False}, {}, False),
        ({"a": False}, {}, False),
        ({"a": 1}, {"a": "1"}, False),
        ({"command": ["a", "b"]}, {"command": ["b", "a"]}, False),
        ({"secrets": [{"name": "a"}, {"name": "b"}]}, {"secrets": [{"name": "b"}, {"name": "a"}]}, True),
    ],
)
def test_which_two_say_the_same(one: Any, other: Any, same: bool) -> None:
    assert (plain(one, ("essential", True)) == plain(other, ("essential", True))) is same


@given(st.text() | st.recursive(st.none() | st.booleans() | st.text(max_size=5), st.lists).map(json.dumps))
def test_any_text_has_an_answer(text: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        for name in ("task.json", "task.yaml"):
            try:
                (Path(folder) / name).write_text(text, "utf-8", "replace")
                assert read_definition(str(Path(folder) / name), DEPLOYED, ())
            except SettingsError as error:
                assert all(name in one for one in error.problems)
