"""Whatever a text is, reading it gives a tree of bounded depth and size, or a YamlError with its place."""

from __future__ import annotations

import pytest
import yaml

from ecr_push.base import yaml_tree
from ecr_push.base.parse import DEEPEST
from ecr_push.base.yaml_tree import Mapping, YamlError, read_yaml


@pytest.fixture(params=["libyaml", "pure Python"])
def _half(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML's two halves; the wrappers' bundle has the second alone."""
    if request.param == "libyaml":
        if not yaml.__with_libyaml__:
            pytest.skip("this PyYAML was built without libyaml")
        monkeypatch.setattr(yaml_tree, "_SHORT", 0)
    else:
        monkeypatch.delattr(yaml, "CBaseLoader", raising=False)


def multiplied(levels: int) -> str:
    """Each level ten times the one before, by aliases."""
    lines = ["l0: &l0 [a]"]
    for one in range(1, levels + 1):
        lines.append(f"l{one}: &l{one} [{', '.join([f'*l{one - 1}'] * 10)}]")
    return "\n".join(lines)


@pytest.mark.usefixtures("_half")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "column 101: nested too deeply"),
        ("- " * (DEEPEST + 1) + "a", "nested too deeply"),
        ("[" * 2000, "nested too deeply"),
        ("a: &a [*a]", "line 1, column 4: what an anchor names contains itself"),
        ("? [a, b]\n: c", "line 1, column 3: a name is a text"),
        (multiplied(7), "line 7, column 5: its aliases stand for too much"),
        ("a: *b", "undefined alias"),
        ('"\\Uffffffff"', "."),
        ("%YAML 1." + "9" * 5000 + "\n---\na", "."),
        ("a: \x01", "control characters|special characters"),
        ("a: b: c", "line 1, column 5: mapping values are not allowed"),
    ],
)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(YamlError, match=words):
        read_yaml(text)


@pytest.mark.usefixtures("_half")
def test_what_is_read() -> None:
    root = read_yaml('a: 1.10\nb: ["x", ~]\n"c": &c {d: e}\nf: *c\n' + multiplied(4))
    assert root is not None and isinstance(root.value, Mapping)
    assert [(one.name, one.line) for one in root.value.entries][:4] == [
        ("a", 1),
        ("b", 2),
        ("c", 3),
        ("f", 4),
    ]
    (number, texts, anchored, alias) = (one.node for one in root.value.entries[:4])
    assert (number.value, number.plain) == ("1.10", True)
    assert isinstance(texts.value, tuple)
    assert [(one.value, one.plain) for one in texts.value] == [("x", False), ("~", True)]
    assert alias is anchored
    assert read_yaml("") is None and read_yaml("# nothing") is None
    assert read_yaml("[" * DEEPEST + "]" * DEEPEST)
