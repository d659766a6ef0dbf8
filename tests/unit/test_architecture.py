"""The design's rules about imports, held by reading them: who may open which door, and what --help costs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.paths import PACKAGE, ROOT
from tests.support.source_code import imports, tree

MODULES = sorted(PACKAGE.rglob("*.py"))
COMMAND_FILES = sorted((PACKAGE / "cli" / "commands").glob("[!_]*.py"))
CORE = [path for path in MODULES if "sandbox" not in path.relative_to(PACKAGE).parts]

# A door, and the modules that may open it.
DOORS = {
    "subprocess": {"base/process.py"},
    "boto3": {"registry/aws/session.py"},
    "botocore": {f"registry/aws/{one}.py" for one in ("session", "errors", "regions", "web_identity")},
    "git": {"source/git/command.py"},
    "docker": {"builder/docker_engine.py"},
    "yaml": {"settings/file.py", "versions/files/read.py", "base/yaml_tree.py"},
    "pydantic": set(),  # compiled: only the sandbox has it
    "urllib3": {"registry/distribution.py"},
    "rich": {"base/log.py"},
    "jinja2": {"report/html.py"},
}


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("door", DOORS)
def test_each_door_is_opened_in_one_room(door: str) -> None:
    users = {name(path) for path in CORE if door in {one.split(".")[0] for one in imports(path)}}
    assert users == DOORS[door]


def test_the_environment_and_argv_are_read_in_cli_alone() -> None:
    readers = {
        name(path)
        for path in CORE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv", "sys.argv")
    }
    assert readers == {"cli/main.py"}


def test_the_clock_is_read_in_clock_alone() -> None:
    readers = {
        name(path)
        for path in CORE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("datetime.now", "time.time", "time.monotonic", "time.sleep", "date.today")
    }
    assert readers == {"base/clock.py"}


def test_the_reports_are_pure() -> None:
    for path in {*(PACKAGE / "report").rglob("*.py")} - {PACKAGE / "report" / "write.py"}:
        assert not {"os", "sys", "io", "pathlib", "time"} & set(imports(path)), path.name


def test_help_loads_nothing_heavy() -> None:
    heavy = {"boto3", "botocore", "docker", "git", "pydantic", "yaml", "rich", "urllib3", "semver", "asyncio"}
    heavy |= {"jinja2", "markupsafe"}
    seen: set[str] = set()
    # What `COMMAND --help` imports, too.
    todo = ["ecr_push.cli.main", *(f"ecr_push.cli.commands.{one.stem}" for one in COMMAND_FILES)]
    while todo:
        module = todo.pop()
        path = PACKAGE.parent / (module.replace(".", "/") + ".py")
        if module in seen or not path.exists():
            continue
        seen.add(module)
        found = set(imports(path, top_level_only=True))
        assert not heavy & {one.split(".")[0] for one in found}, module
        todo += [one for one in found if one.startswith("ecr_push.")]
    assert "ecr_push.settings.declare" in seen


# ------------------------------------------------------------------------- the size of things


def test_the_rooms_are_few_and_each_says_what_is_in_it() -> None:
    rooms = [path for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert len(rooms) <= 18
    assert [path.name for path in PACKAGE.glob("*.py")] == ["__init__.py"]
    for room in rooms:
        assert ast.get_docstring(tree(room / "__init__.py")), room.name


def test_no_module_has_more_than_300_lines() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_no_test_imports_a_test() -> None:
    """What several tests need is in tests/support, which imports none either."""
    imported = re.compile(r"^\s*(?:from|import) (tests\.(?:unit|integration)\S*\.test_\w+|\.+test_\w+)", re.M)
    found = {
        path.relative_to(ROOT).as_posix(): imported.findall(path.read_text(encoding="utf-8"))
        for path in (ROOT / "tests").rglob("*.py")
    }
    assert {path: tests for path, tests in found.items() if tests} == {}
