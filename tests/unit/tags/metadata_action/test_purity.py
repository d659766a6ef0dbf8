"""The rules are pure and light: what the package may import, and when."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ecr_push.tags.metadata_action
from tests.support.source_code import imports

MODULES = sorted(Path(ecr_push.tags.metadata_action.__file__).parent.glob("*.py"))
HEAVY = {"zoneinfo", "packaging", "difflib", "semver", "moment"}
IMPURE = {"os", "sys", "io", "pathlib", "time", "subprocess", "socket", "random", "locale"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_only_the_standard_library_pure_modules_of_base_and_the_rules_themselves(path: Path) -> None:
    ours = {one for one in imports(path) if one.startswith("ecr_push.")}
    allowed = (
        "ecr_push.tags.metadata_action",
        *(f"ecr_push.base.{one}" for one in ("dataclass", "regex", "suggest", "reference")),
    )
    assert all(one.startswith(allowed) for one in ours)
    assert not IMPURE & {one.split(".")[0] for one in imports(path)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_what_is_heavy_is_imported_where_it_is_needed(path: Path) -> None:
    assert not HEAVY & {one.split(".")[0] for one in imports(path, top_level_only=True)}


def test_rules_without_dates_and_patterns_load_neither() -> None:
    needed, todo = set(), ["render"]
    while todo:
        name = todo.pop()
        if name in needed:
            continue
        needed.add(name)
        top = imports(Path(ecr_push.tags.metadata_action.__file__).parent / f"{name}.py", top_level_only=True)
        todo += [one.split(".")[3] for one in top if one.startswith("ecr_push.tags.metadata_action.")]
    assert not needed & {"moment", "pattern", "pattern_syntax", "char_set"}


def test_no_clock_is_read() -> None:
    for path in MODULES:
        calls = {ast.unparse(node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))}
        assert not calls & {"datetime.now", "datetime.utcnow", "date.today", "os.environ"}
