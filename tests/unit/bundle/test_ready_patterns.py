"""Patterns that are compiled already are those that Python compiles."""

from __future__ import annotations

import importlib.util
import marshal
import re
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.support.paths import ROOT

GIVEN: list[tuple[str | bytes, int]] = [
    ("", 0),
    ("a|b+?", re.IGNORECASE),
    ("(?P<name>[^\\W_]{2,30})-(?:x|(y))(?P=name)", 0),
    ("^ é [а-яα-ω] $  # comment", re.VERBOSE | re.MULTILINE | re.IGNORECASE),
    (b"(?P<key>[\x80-\xff]+)=", re.DOTALL),
    ("[\u0100-\uffff]|(?<=a)b(?!c)", re.ASCII),
]


def loaded(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name.rpartition("/")[2], ROOT / "bundle" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Python's own, which is as it was afterwards."""
    found: ModuleType = loaded("ready")._compiler
    for name in ("compile", "_sre"):
        monkeypatch.setattr(found, name, getattr(found, name))
    return found


def recorded(compiler: Any) -> dict[Any, Any]:
    compiles, engine = compiler.compile, compiler._sre
    found: dict[Any, Any] = loaded("ready").record()
    for one in GIVEN:
        compiler.compile(*one)
    compiler.compile, compiler._sre = compiles, engine
    return found


def content(found: Any, **other: Any) -> bytes:
    engine = loaded("ready")._engine
    kind = {"magic": engine.MAGIC, "size": engine.CODESIZE, "order": sys.byteorder, **other}
    return marshal.dumps((tuple(kind.values()), found), 2)


def test_they_are_equal_and_nothing_is_parsed(compiler: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = [compiler.compile(*one) for one in GIVEN]
    loaded("run/ready_patterns").use(content(recorded(compiler)))
    parser = "_parser" if hasattr(compiler, "_parser") else "sre_parse"
    with monkeypatch.context() as patch:
        patch.setattr(compiler, parser, None)
        ready = [compiler.compile(*one) for one in GIVEN]
    assert ready == compiled
    for now, then in zip(ready, compiled, strict=True):
        assert (now.groups, now.groupindex, now.flags) == (then.groups, then.groupindex, then.flags)
    assert ready[2].fullmatch("ab-xab")["name"] == "ab"
    assert ready[4].match(b"\xff=").lastgroup == "key"


def test_any_other_pattern_is_compiled(compiler: Any) -> None:
    loaded("run/ready_patterns").use(content(recorded(compiler)))
    assert compiler.compile("a|b+?", 0).match("A") is None
    assert compiler.compile(b"(b)", re.I).match(b"B")
    with pytest.raises(re.error, match="unterminated"):
        compiler.compile("(")


@pytest.mark.parametrize("other", [{"magic": 1}, {"size": 2}, {"order": "middle"}], ids=str)
def test_those_for_another_python_are_left_alone(compiler: Any, other: dict[str, Any]) -> None:
    compiles = compiler.compile
    loaded("run/ready_patterns").use(content({("a", 0): None}, **other))
    assert compiler.compile is compiles
