"""The design's rules about imports, held by reading them: who may open which door, and what --help costs."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import PACKAGE, ROOT
from tests.support.source_code import imports, tree

MODULES = sorted(PACKAGE.rglob("*.py"))
COMMAND_FILES = sorted((PACKAGE / "cli" / "commands").glob("[!_]*.py"))
BESIDE = ("scripts", "bundle", "benchmarks", "releasing")  # whose code imports ours
CORE = [path for path in MODULES if "sandbox" not in path.relative_to(PACKAGE).parts]

# A door, and the modules that may open it.
DOORS = {
    "subprocess": {"base/process.py", "base/watcher.py", "base/foreground.py"},
    "tempfile": {"base/private_folder.py"},
    "boto3": set(),  # its core is enough, and all that our commands import
    "botocore": {
        f"registry/aws/{one}.py"
        for one in ("session", "sdk_data", "configuration", "errors", "web_identity", "parameters")
    },
    "git": set(),  # GitPython: its import costs more than the git commands of a run
    "docker": {"builder/docker_engine.py"},
    "yaml": {"base/yaml_tree.py", "base/yaml_spans.py"},
    "tomllib": {"base/parse.py"},
    "xml": {"versions/files/maven.py"},
    "pydantic": set(),  # compiled: only the sandbox has it
    "urllib3": {"registry/wire.py"},
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
    assert readers == {"cli/main.py", "base/process.py"}  # which hands it on to programs


def test_the_clock_is_read_in_clock_alone() -> None:
    readers = {
        name(path)
        for path in CORE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("datetime.now", "time.time", "time.monotonic", "time.sleep", "date.today")
    }
    assert readers == {"base/clock.py"}


# Where a file is opened or changed without a door of base/, and why no outsider can have made a link there.
WITHOUT_A_DOOR = {
    "base/private_folder.py": "makes the run's own folder",
    "builder/buildx.py": "in the run's own folder",
    "builder/buildx_metadata.py": "what buildx wrote into the run's own folder",
    "builder/docker_config.py": "in the run's own folder",
    "builder/docker_engine.py": "in the run's own folder",
    "builder/podman.py": "in the run's own folder",
    "builder/docker_environ.py": "the user's docker configuration",
    "builder/user_docker.py": "the user's docker configuration",
    "cli/main.py": "/dev/null",
    "cli/streams.py": "/dev/null",
    "registry/aws/sdk_data.py": "the SDK's own data, and what the user's AWS configuration names",
    "signing/cosign_session.py": "in the run's own folder",
}
DOORS_TO_FILES = {f"base/{one}.py" for one in ("fences", "checkout_files", "safe_write")}
ON_A_PATH = {
    *("read_text", "read_bytes", "write_text", "write_bytes", "unlink", "touch", "mkdir", "rename", "rmdir"),
    *("symlink_to", "hardlink_to", "rmtree", "mkdtemp", "mkstemp", "open_file", "makedirs", "copyfile"),
    *("NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile"),
}


def _touches_files(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    owner, _, last = called.rpartition(".")
    if called == "open" or (owner == "os" and last in {"open", "replace", "rename", "remove", "unlink"}):
        return True
    if owner in ("super()", "checkout_files"):
        return False
    first = node.args[0] if node.args else None
    return bool(owner) and (last in ON_A_PATH or (last == "open" and isinstance(first, ast.Constant)))


def test_files_are_opened_at_the_doors_that_follow_no_link_out_of_the_checkout() -> None:
    users = {name(path) for path in CORE if any(map(_touches_files, ast.walk(tree(path))))}
    assert users - DOORS_TO_FILES == set(WITHOUT_A_DOOR)


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


def test_no_regular_expression_is_compiled_by_an_import() -> None:
    """Of more than a hundred, a command uses a few."""
    compiled = {
        name(path)
        for path in MODULES
        for statement in tree(path).body
        if not isinstance(statement, ast.FunctionDef | ast.If)
        for node in _of_import(statement)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"
    }
    assert not compiled, "use ecr_push.base.regex.lazy_regex"


def _of_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when the statement is imported: not what is within its functions."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.Lambda):
            yield from _of_import(child)


def _defined(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module gives; none where a decorator hands the name on."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef) and not statement.decorator_list:
        yield statement.name
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    yield from (one.id for one in targets if isinstance(one, ast.Name))


def test_every_name_of_a_module_is_read() -> None:
    """By its module where it is private; by anything of the product, or of the scripts beside, where not."""
    scripts = [path for folder in BESIDE for path in (ROOT / folder).rglob("*") if path.is_file()]
    words = {
        path: Counter(re.findall(r"\w+", path.read_text("utf-8", "replace"))) for path in (*MODULES, *scripts)
    }
    everywhere = Counter[str]()
    for found in words.values():
        everywhere.update(found)
    unread = {
        f"{name(path)}: {one}"
        for path in MODULES
        for statement in tree(path).body
        for one in _defined(statement)
        if not one.startswith("__") and (words[path] if one.startswith("_") else everywhere)[one] == 1
    }
    assert not unread


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
