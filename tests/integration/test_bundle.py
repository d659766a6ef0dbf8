"""What a release carries: the same bytes wherever it is made, all of them known, and all that a run needs."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from bundle.contents import OURS, WITHOUT
from ecr_push.cli.commands import COMMANDS
from tests.support.bundles import LEAST, copied, made_bundle, make_bundle
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.paths import ROOT
from tests.support.pythons import pythons
from tests.support.registry import REPOSITORY, Registry

HERE = f"code-{sys.version_info[0]}{sys.version_info[1]}.zip"
ISOLATED = [sys.executable, "-I", "-S"]


@pytest.fixture(scope="module")
def bundle() -> Path:
    return made_bundle()


@pytest.fixture(scope="module")
def described(bundle: Path) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads((bundle / "bundle.json").read_text())
    return found


def start(bundle: Path, *arguments: str, python: Path | str = sys.executable, **environ: str) -> Any:
    return subprocess.run(
        [python, bundle / "start.py", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.defpath, **environ},
    )


# ------------------------------------------------------------------------- how it is made


def test_it_is_the_same_wherever_it_is_made(bundle: Path, tmp_path: Path) -> None:
    """In another folder, by another umask, in another time zone and another language."""
    long = tmp_path / "a-long-name" / "data"
    (long / "tmp").mkdir(parents=True)
    environ = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "TMPDIR": str(long / "tmp")}
    environ["PYTHONHASHSEED"] = "42"
    before = os.umask(0o077)
    try:
        make_bundle(long / "bundle", sys.executable, **environ)
    finally:
        os.umask(before)
    for name in (HERE, "code.zip", "tzdata.zip", "cacert.pem", "start.py"):
        assert (long / "bundle" / name).read_bytes() == (bundle / name).read_bytes(), name
    make_bundle(tmp_path / "again", os.path.relpath(sys.executable))
    assert {path.relative_to(long / "bundle"): path.read_bytes() for path in files(long / "bundle")} == {
        path.relative_to(tmp_path / "again"): path.read_bytes() for path in files(tmp_path / "again")
    }


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_an_archive_shows_nothing_of_the_machine(bundle: Path) -> None:
    for archive in bundle.glob("*.zip"):
        with zipfile.ZipFile(archive) as opened:
            assert opened.comment == b""
            names = opened.namelist()
            assert names == sorted(names)
            for one in opened.infolist():
                assert (one.date_time, one.extra, one.external_attr) == (
                    (1980, 1, 1, 0, 0, 0),
                    b"",
                    0o644 << 16,
                )
                assert str(ROOT).encode() not in opened.read(one)


def test_every_file_is_one_of_the_lock_or_ours(bundle: Path, described: Mapping[str, Any]) -> None:
    lock = (ROOT / "requirements" / "run.txt").read_text()
    locked = set(re.findall(r"^([a-z0-9.-]+)==", lock, re.M))
    assert set(described["packages"]) == locked - WITHOUT
    for name, package in described["packages"].items():
        assert f"--hash=sha256:{package['sha256']}" in lock
        assert f"{name}=={package['version']} " in lock
    listed = described["files"]
    assert {one["package"] for one in listed.values()} <= {OURS, *described["packages"]}
    assert set(described["archives"]) == {path.name for path in bundle.glob("*.zip")}
    for archive, contents in described["archives"].items():
        with zipfile.ZipFile(bundle / archive) as opened:
            assert opened.namelist() == list(contents)
            for path, digest in contents.items():
                content = opened.read(path)
                assert hashlib.sha256(content).hexdigest() == digest
                if path == "ready_patterns.bin":  # of no file: see below
                    continue
                origin = listed[re.sub(r"\.pyc$", ".py", path)]
                if archive in ("code.zip", "tzdata.zip") and "cut from" not in origin:
                    assert digest == origin["sha256"], path


def test_the_wheels_files_are_those_that_are_installed_here(described: Mapping[str, Any]) -> None:
    """The tests' environment has the lock's versions, unpacked by pip, which has checked them by hash."""
    installed = Path(click.__file__).parent.parent
    compared = 0
    for path, origin in described["files"].items():
        here = installed / origin.get("cut from", path)
        if origin["package"] != OURS and here.exists():
            assert hashlib.sha256(here.read_bytes()).hexdigest() == origin["sha256"], path
            compared += 1
    assert compared > 0.9 * sum(one["package"] != OURS for one in described["files"].values())


def test_the_sums_are_of_every_file(bundle: Path) -> None:
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=bundle, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout
    named = {line.split("  ")[1] for line in (bundle / "SHA256SUMS").read_text().splitlines()}
    assert named == {path.relative_to(bundle).as_posix() for path in files(bundle)} - {"SHA256SUMS"}


def test_every_package_comes_with_its_licence(bundle: Path, described: Mapping[str, Any]) -> None:
    assert {path.name for path in (bundle / "licences").iterdir()} == {OURS, *described["packages"]}
    assert all(path.read_bytes().strip() for path in files(bundle / "licences"))


# ------------------------------------------------------------------------- what it can do


def test_every_module_of_ours_can_be_imported(bundle: Path) -> None:
    script = (
        "import pkgutil, sys; sys.path.insert(0, sys.argv[1]); import ecr_push\n"
        "names = [one.name for one in pkgutil.walk_packages(ecr_push.__path__, 'ecr_push.')]\n"
        "for name in names: __import__(name)\n"
        "print(len(names), sys.modules['botocore'].__file__)"
    )
    asked = subprocess.run([*ISOLATED, "-c", script, bundle / HERE], capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    count, botocore = asked.stdout.split()
    ours = [path for path in (ROOT / "ecr_push").rglob("*.py") if "sandbox" not in path.parts]
    assert int(count) > 0.8 * len(ours)
    assert botocore.startswith(str(bundle / HERE))


def test_every_module_that_ours_import_can_be_imported(bundle: Path) -> None:
    """Those too that a function imports, but for the packages that are left out on purpose."""
    named = set()
    for path in (ROOT / "ecr_push").rglob("*.py"):
        if "sandbox" not in path.relative_to(ROOT).parts:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    named.add(node.module)
                elif isinstance(node, ast.Import):
                    named |= {one.name for one in node.names}
    without = {"rich", "cheroot", "boto3", "git", "msvcrt", "tomllib"}
    names = sorted(one for one in named if one.split(".")[0] not in without and "sandbox" not in one)
    assert {"semver", "jinja2", "yaml", "docker.errors"} <= set(names)
    assert started(bundle, f"for name in {names}: __import__(name)\nprint(len({names}))") == f"{len(names)}\n"


def test_every_request_to_aws_is_the_whole_sdks_in_every_partition(
    bundle: Path, described: Mapping[str, Any], tmp_path: Path
) -> None:
    operations: dict[str, list[str]] = {}
    with zipfile.ZipFile(bundle / "code.zip") as opened:
        for path in opened.namelist():
            if path.endswith("/service-2.json"):
                operations[path.split("/")[2]] = sorted(json.loads(opened.read(path))["operations"])
    # What a run calls, and what the SDK calls for a profile's credentials.
    assert {"PutImage", "BatchGetImage", "DescribeImageScanFindings"} <= set(operations["ecr"])
    assert {"AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity"} <= set(operations["sts"])
    assert operations["sso"] and operations["sso-oidc"] and operations["signin"]
    script, text = ROOT / "tests" / "support" / "sdk_requests.py", json.dumps(operations)
    environ = {"HOME": str(tmp_path), "PATH": os.defpath, "PYTHONHASHSEED": "0"}
    made = [
        subprocess.run(argv, capture_output=True, text=True, env={**environ, "PYTHONPATH": path})
        for argv, path in (
            ([*ISOLATED, script, text, bundle / HERE], ""),
            ([sys.executable, script, text], str(ROOT)),
        )
    ]
    assert [one.returncode for one in made] == [0, 0], made[0].stderr + made[1].stderr
    ours, whole = (json.loads(one.stdout) for one in made)
    assert ours == whole
    assert {one[0] for one in ours} >= {"aws", "aws-cn", "aws-us-gov", "aws-iso"}
    assert sum(len(one) > 5 for one in ours) > 0.8 * len(ours), "most became a request"


def started(bundle: Path, script: str, code: int = 0, imported: str = "pass") -> str:
    """What a script prints that runs in the place of ecr-push, and ends with an exit code.

    imported: what stands in the place of its import.
    """
    source = (bundle / "start.py").read_text()
    begin = "    from ecr_push.cli import console\n"
    assert begin in source
    lines = [f"    {imported}", "    def console():", *(f"        {line}" for line in script.splitlines())]
    source = source.replace(begin, "\n".join([*lines, ""]))
    path = str(bundle / "start.py")
    program = f"exec(compile({source!r}, {path!r}, 'exec'), {{'__name__': '__main__', '__file__': {path!r}}})"
    ran = subprocess.run([*ISOLATED, "-c", program], capture_output=True, text=True)
    assert ran.returncode == code, ran.stderr
    return ran.stdout


def test_a_machine_without_time_zones_finds_them(bundle: Path) -> None:
    script = """\
import zoneinfo
zoneinfo.reset_tzpath([])
print(zoneinfo.ZoneInfo("Europe/Paris"), sys.path[-1])
"""
    assert started(bundle, script) == f"Europe/Paris {bundle / 'tzdata.zip'}\n"


def test_the_html_report_needs_no_compiler_and_is_the_same(bundle: Path) -> None:
    refuse = "from jinja2 import Environment\nEnvironment.compile = None\n"
    show = """\
from ecr_push.pipeline.outcome import Outcome, RunFacts
from ecr_push.report import html
print(html.render(Outcome(run=RunFacts())))
"""
    ours = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    assert "<html" in ours.stdout
    assert started(bundle, refuse + show) == ours.stdout


READY = """\
import sys, zipfile
sys.path.insert(0, sys.argv[1])
import marshal, re, ready_patterns
content = zipfile.ZipFile(sys.argv[1]).read("ready_patterns.bin")
given = list(marshal.loads(content)[1])
compiler = ready_patterns._compiler
compiled = [compiler.compile(*one) for one in given]
ready_patterns.use(content)
for parser in ("_parser", "sre_parse"):
    vars(compiler).pop(parser, None)
ready = [compiler.compile(*one) for one in given]
assert ready == compiled
assert [(one.groups, one.groupindex) for one in ready] == [(one.groups, one.groupindex) for one in compiled]
print(len(ready))
"""


def test_the_patterns_of_every_python_are_those_that_it_compiles(
    bundle: Path, described: Mapping[str, Any]
) -> None:
    for version, python in pythons().items():
        archive = bundle / f"code-{version[0]}{version[1]}.zip"
        if archive.exists():
            asked = subprocess.run([python, "-I", "-S", "-c", READY, archive], capture_output=True, text=True)
            assert asked.returncode == 0, asked.stderr
            assert int(asked.stdout) > 300


def is_plain(archive: Path) -> dict[str, bool]:
    """Of each module of an archive, whether it is not compressed."""
    with zipfile.ZipFile(archive) as opened:
        return {
            re.sub(r"(/__init__)?\.pyc$", "", one.filename).replace("/", "."): not one.compress_type
            for one in opened.infolist()
            if one.filename.endswith(".pyc")
        }


def test_it_ends_when_all_else_has_ended_and_takes_nothing_apart(bundle: Path) -> None:
    script = """\
import atexit, threading, time
class Kept:
    def __del__(self):
        print("taken apart")
sys.kept = Kept()
atexit.register(print, "what is registered")
written = threading.Event()
threading.Thread(target=lambda: (written.wait(), time.sleep(0.1), print("a thread"))).start()
sys.stdout.write("the last line\\n")
written.set()
sys.exit(3)
"""
    imported = "atexit.register(print, 'what an import registers')"
    ended = "the last line\na thread\nwhat is registered\nwhat an import registers\n"
    assert started(bundle, script, 3, imported) == ended


def test_what_stands_in_for_a_module_does_the_same_when_it_is_used(bundle: Path) -> None:
    script = """\
import sys
import botocore.exceptions, botocore.session, botocore.paginate, dateutil.tz, jmespath
from botocore.utils import parse_timestamp
print(*[name in sys.modules for name in ("dateutil.parser._parser", "jmespath.parser")])
for text in ("2026-11-30T23:28:00Z", "2026-11-30T23:28:00.5+02:00", "Mon, 30 Nov 2026 23:28:00 GMT", "17960"):
    print(parse_timestamp(text).isoformat())
print(jmespath.search("a[?b=='c'].d | [0]", {"a": [{"b": "c", "d": 1}]}), jmespath.compile("a.b").expression)
print(dateutil.tz.tzstr("EST5EDT"))
for name in ("ReadTimeoutError", "ConnectTimeoutError", "SSLError", "ProxyConnectionError"):
    error = getattr(botocore.exceptions, name)(endpoint_url="x", proxy_url="x", error="y")
    print(error, isinstance(error, OSError))
"""
    first, *lines = started(bundle, script).splitlines()
    whole = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (first, lines) == ("False False", whole.stdout.splitlines()[1:])


@pytest.mark.usefixtures("engine")
def test_a_release_and_every_command_run_from_it(
    bundle: Path, cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    registry.create()
    cli.program = (*ISOLATED, "-X", "importtime", bundle / "start.py")
    reports = [f"--report={tmp_path / name}" for name in ("r.html", "r.md", "r.sarif", "r.xml", "r.cdx.json")]
    ended = cli.run(project.root, "--repository", REPOSITORY, *reports)
    assert ended.code == 0, ended.stderr
    assert ended.tags["1.4.2"] == "moved"
    assert set(registry.tags()) >= {"1.4.2", "latest"}
    loaded = set(re.findall(r"^import time:.*\| +(\S+)$", ended.stderr, re.M))
    plain = is_plain(bundle / HERE)
    packed = {one for one in loaded & plain.keys() if not plain[one]}
    few = {one for one in packed if not one.startswith(("ecr_push.report", "jinja2", "markupsafe"))}
    assert len(few) < 0.05 * len(loaded & plain.keys()), f"in contents.py belong what loads {sorted(few)}"
    assert len({one for one in plain if plain[one]} - loaded) < 0.05 * sum(plain.values())
    cli.program = (*ISOLATED, bundle / "start.py")
    image = ended.image
    saved = tmp_path / "saved.json"
    saved.write_text(json.dumps(ended.document))
    policy = tmp_path / "policy.yml"
    policy.write_text("fail-on: critical\n")
    lifecycle = tmp_path / "lifecycle.txt"
    lifecycle.write_text("keep last 20 of *.*.*\n")
    repositories = tmp_path / "repositories.yml"
    repositories.write_text("repositories: {team/new: {lifecycle: [expire untagged after 1 day]}}\n")
    mirror = tmp_path / "mirror.yml"
    mirror.write_text(f"images: [{{from: {image}}}]\n")
    values = tmp_path / "values.yaml"
    values.write_text(f"image: sha256:{'0' * 64}\n")
    registry_file = tmp_path / "registry.yml"
    registry_file.write_text("replication: [{to: [eu-north-1]}]\nsettings: {blob-mounting: false}\n")
    repository = ("--repository", REPOSITORY)
    several = GitRepository.init(tmp_path / "several")
    lists = f"region: us-east-1\nimages: {{app: {{repository: {REPOSITORY}}}}}\n"
    several.commit("First", {"Dockerfile": "FROM scratch\n", "ecr-push.yml": lists})
    calls: dict[str, tuple[tuple[str | Path, ...], int]] = {
        "plan": ((project.root, *repository), 0),
        "matrix": ((several.root, "--changed"), 0),
        "build": ((project.root, *repository, "--platform", "linux/amd64"), 0),
        "tags": ((project.root,), 0),
        "scan": ((image,), 0),
        "promote": ((image, "production"), 0),
        "rollback": (("production", *repository), 2),
        "policy test": ((*repository, "--policy", policy), 0),
        "policy show": (("--policy", policy), 0),
        "policy exceptions": ((policy, "--html", tmp_path / "exceptions.html"), 0),
        "lifecycle test": ((*repository, "--lifecycle", lifecycle), 0),
        "repository plan": ((repositories,), 13),
        "repository apply": ((repositories,), 0),
        "repository show": (("team/*", "--output", "yaml"), 0),
        "repository export": (("--output", "terraform", "team/*"), 0),
        "repository may": (("111122223333", "push", REPOSITORY), 10),
        "copy": ((image, "--to", REPOSITORY, "--as", "copied"), 0),
        "mirror": ((mirror,), 0),
        "render": ((image, values, "--key", "image=digest"), 0),
        "deploy ecs": ((image, "--service", "shop"), 4),  # the sandbox has no other services
        "deploy lambda": ((image, "--function", "shop"), 4),
        "deploy batch": ((image, "--job-definition", "shop"), 4),
        "deploy sagemaker": ((image, "--endpoint", "shop"), 4),
        "registry show": ((), 0),
        "registry plan": ((registry_file,), 13),
        "registry apply": ((registry_file,), 0),
        "registry backfill": (("eu-north-1", "--wait", "0"), 0),
        "status": (("team/*", "--html", tmp_path / "status.html"), 0),
        "audit": ((image,), 0),
        "costs": (("team/*", "--html", tmp_path / "costs.html"), 0),
        "prune": ((*repository, "--yes"), 0),
        "doctor": ((project.root, *repository), 0),
        "gate": ((saved,), 0),
        "iam policy": (repository, 0),
        "iam trust": (("jenkins-ec2",), 0),
        "verify": ((image,), 2),
        "init": (("--dry-run",), 0),
        "login": ((), 0),
        "sandbox": ((), 2),
        "schema": ((), 0),
        "completion": (("bash",), 0),
        "help": (("policy", "test"), 0),
        "version": ((), 0),
    }
    assert set(calls) == set(COMMANDS) - {
        "run",
        "policy",
        "lifecycle",
        "repository",
        "registry",
        "iam",
        "deploy",
    }
    for command, (arguments, code) in calls.items():
        ended = cli.command(*command.split(), *arguments)
        assert ended.code == code, f"{command}: {ended.stderr}"


# ------------------------------------------------------------------------- what may be wrong with it


@pytest.mark.parametrize("name", [HERE, "tzdata.zip", "cacert.pem", "start.py"])
def test_a_changed_file_is_an_error_that_names_it(bundle: Path, tmp_path: Path, name: str) -> None:
    changed = copied(bundle, tmp_path) / name
    changed.write_bytes(changed.read_bytes() + b"\n")
    ended = start(changed.parent, "--version")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"the file {name} of ecr-push is not the one that its release has" in ended.stderr
    assert "sha256sum" in ended.stderr and str(changed.parent) in ended.stderr


@pytest.mark.parametrize("name", [HERE, "tzdata.zip", "cacert.pem", "SHA256SUMS"])
def test_a_missing_file_is_an_error_that_names_it(bundle: Path, tmp_path: Path, name: str) -> None:
    folder = copied(bundle, tmp_path)
    (folder / name).unlink()
    ended = start(folder, "--version")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert name in ended.stderr and "No such file" in ended.stderr and "To do: restore" in ended.stderr


def test_an_archive_for_another_python_is_not_looked_at(bundle: Path, tmp_path: Path) -> None:
    folder = copied(bundle, tmp_path)
    for path in folder.glob("code*.zip"):
        if path.name != HERE:
            path.unlink()
    assert start(folder, "--version").returncode == 0


def too_old() -> list[Path]:
    found = [path for version, path in pythons().items() if version < LEAST]
    if not found:
        pytest.skip("this machine has no Python that is too old")
    return found


def test_a_python_that_is_too_old_says_so(bundle: Path, tmp_path: Path) -> None:
    for python in too_old():
        ended = start(bundle, "--version", python=python, PATH=str(tmp_path))
        assert (ended.returncode, ended.stdout) == (2, ""), python
        assert re.search(r"is Python [23]\.\d, and ecr-push needs 3\.10 or later", ended.stderr)
        assert "To do: install Python 3.10 or later" in ended.stderr


def test_a_python_that_is_too_old_finds_a_newer_one(bundle: Path, tmp_path: Path) -> None:
    """Past one that is only a name, as pyenv has them, and never in the current directory."""
    (tmp_path / "python3.14").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "python3.10").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    for path in tmp_path.iterdir():
        path.chmod(0o755)
    for python in too_old():
        ended = start(bundle, "--version", python=python, PATH=f".:{tmp_path}")
        assert (ended.returncode, ended.stdout) == (0, f"ecr-push, version {version()}\n"), ended.stderr


def version() -> str:
    found = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert found
    return found[1]


def test_every_python_runs_it(bundle: Path, described: Mapping[str, Any]) -> None:
    """One that the bundle is not compiled for takes the sources."""
    for python in (path for number, path in pythons().items() if number >= LEAST):
        assert start(bundle, "--version", python=python).stdout == f"ecr-push, version {version()}\n"
    assert described["pythons"]


# ------------------------------------------------------------------------- where it is handed over


NEEDED = (HERE, "tzdata.zip", "cacert.pem")


@pytest.fixture
def handed_over(bundle: Path, tmp_path: Path) -> Path:
    """A folder with its start and its sums alone, beside a folder that builds before it could write to."""
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("start.py", "SHA256SUMS"):
        (folder / name).write_bytes((bundle / name).read_bytes())
    (tmp_path / "kept").mkdir()
    return folder


def needed(folder: Path) -> list[str]:
    ended = start(folder, "--needed", str(folder.parent / "kept"))
    assert ended.returncode == 0, ended.stderr
    first, *others = ended.stdout.splitlines()
    assert first == f"python {sys.executable}"
    return [line.removeprefix("needs ") for line in others]


def kept(bundle: Path, folder: Path, name: str) -> Path:
    """The path by which a file of the bundle is looked for."""
    return folder.parent / "kept" / hashlib.sha256((bundle / name).read_bytes()).hexdigest()


def test_it_names_what_it_needs_and_takes_what_is_kept(bundle: Path, handed_over: Path) -> None:
    assert needed(handed_over) == list(NEEDED)
    for name in NEEDED[:2]:
        kept(bundle, handed_over, name).write_bytes((bundle / name).read_bytes())
    assert needed(handed_over) == ["cacert.pem"]
    (handed_over / "cacert.pem").write_bytes((bundle / "cacert.pem").read_bytes())
    assert start(handed_over, "--version").stdout == f"ecr-push, version {version()}\n"


def test_what_is_kept_counts_by_its_content_alone(bundle: Path, handed_over: Path) -> None:
    """Neither another content, nor a link, a folder, a pipe that would block, or a file of a tebibyte."""
    code, zones, certificates = (kept(bundle, handed_over, name) for name in NEEDED)
    code.symlink_to(bundle / HERE)
    zones.write_bytes((bundle / "tzdata.zip").read_bytes() + b"\n")
    os.mkfifo(certificates)
    assert needed(handed_over) == list(NEEDED)
    code.unlink()
    code.mkdir()
    with zones.open("wb") as file:
        file.truncate(1 << 40)
    assert needed(handed_over) == list(NEEDED)
    assert {path.name for path in handed_over.iterdir()} == {"start.py", "SHA256SUMS"}


def test_nothing_from_outside_is_imported(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise SystemExit('owned')")
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('owned')")
    ended = subprocess.run(
        [*ISOLATED, bundle / "start.py", "--version"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": os.defpath},
    )
    assert (ended.returncode, ended.stdout) == (0, f"ecr-push, version {version()}\n"), ended.stderr


def test_the_archive_does_not_take_the_place_of_a_standard_stream(bundle: Path) -> None:
    """It stays open; as standard output it would refuse each line for another reason."""
    ended = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *ISOLATED, bundle / "start.py", "schema"],
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.defpath},
    )
    assert ended.returncode == 1
    assert "standard output could not be written\n  it is closed" in ended.stderr
