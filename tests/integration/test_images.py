"""Several images of one repository: which of them run, in which order, and what is left when one fails."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ecr_push.ci.facts import CiFacts, Ref
from ecr_push.pipeline.source_and_version import read_source_and_version
from ecr_push.settings.declare import Settings, changed
from ecr_push.source.git.checkout import Seen
from ecr_push.source.git.compare import differing_files, tree_of
from ecr_push.source.head import read_head
from tests.support import images
from tests.support.command_line import CommandLine, Ended
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.registry import Registry

FILE = """\
region: us-east-1
create-repository: yes
images:
  base:
    context: base
    repository: team/base
  api:
    context: services/api
    repository: team/api
    tag-prefix: api/
    needs: [base]
  web:
    context: services/web
    repository: team/web
    needs: {base: BASE}
"""


def below(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}


@pytest.fixture
def monorepo(tmp_path: Path) -> GitRepository:
    made = GitRepository.init(tmp_path / "mono")
    api = {"Dockerfile": "FROM base\nCOPY f /api\n", "f": "1"}
    web = {"Dockerfile": "ARG BASE\nFROM ${BASE}\nCOPY f /web\n", "f": "1"}
    files = {**below("base", images.CLEAN), **below("services/api", api), **below("services/web", web)}
    made.commit("First", {"ecr-push.yml": FILE, **files})
    return made


def statuses(ended: Ended) -> dict[str, str]:
    return {one["name"]: one["status"] for one in ended.document["images"]}


@pytest.mark.usefixtures("engine")
def test_each_image_runs_where_it_changed_behind_those_it_needs(
    cli: CommandLine, monorepo: GitRepository, registry: Registry
) -> None:
    first = cli.run(monorepo.root, "--changed", "--report", str(cli.folder / "{image}.md"))
    assert first.code == 0, first.stderr
    assert statuses(first) == {"base": "accepted", "api": "accepted", "web": "accepted"}
    tag = f"sha-{monorepo.head[:12]}"
    released = dict(line.split(" ") for line in first.stdout.splitlines())
    for name in ("base", "api", "web"):
        assert registry.tags(f"team/{name}")[tag] == released[name].partition("@")[2]
        assert (cli.folder / f"{name}.md").read_text().startswith("## ")
    # The base is what the registry accepted of it: by its layers, as crane sees them.
    layers = {
        name: json.loads(registry.client.ask("crane", "manifest", image))["layers"]
        for name, image in released.items()
    }
    assert layers["api"][: len(layers["base"])] == layers["base"] == layers["web"][: len(layers["base"])]

    puts = registry.asked("PutImage")
    again = cli.run(monorepo.root, "--changed")
    assert (again.code, again.stdout) == (0, "") and set(statuses(again).values()) == {"unchanged"}
    assert f"team/api:{tag} has it" in again.stderr and registry.asked("PutImage") == puts

    # One that fails stops those that need it, and is still due in the next run.
    monorepo.commit("Break", {"base/Dockerfile": "FROM scratch\nCOPY nowhere /\n", "services/web/f": "2"})
    broken = cli.run(monorepo.root, "--changed")
    assert broken.code == 3 and statuses(broken) == {"base": "failed", "api": "skipped", "web": "skipped"}
    monorepo.commit("Repair", {"base/Dockerfile": images.CLEAN["Dockerfile"], "README": "x"})
    jobs = cli.command("matrix", monorepo.root, "--changed", "--format", "github")
    # What is as it was when the registry got it does not run: the base is repaired, and web has changed.
    assert json.loads(jobs.stdout) == {"include": [{"name": "web", "only": "web"}]}, jobs.stderr
    assert cli.command("tags", monorepo.root, "--only", "api", "--output", "json").code == 0


@pytest.mark.usefixtures("engine")
def test_an_interruption_ends_every_run(
    cli: CommandLine, monorepo: GitRepository, registry: Registry, gate: Gate
) -> None:
    file = "create-repository: yes\nimages:\n" + "".join(
        f"  {name}:\n    context: {name}\n    repository: team/{name}\n" for name in ("one", "two")
    )
    slow = images.waiting_for(gate.url)
    monorepo.commit("Slow", {"ecr-push.yml": file, **below("one", slow), **below("two", slow)})
    run = cli.start_run(monorepo.root, "--all", "--jobs", "2")
    run.until(
        lambda: all(f"{name} | " in run.stderr and gate.arrived.is_set() for name in ("one", "two")), "both"
    )
    run.signal(signal.SIGTERM)
    ended = run.end()  # nothing that they started is left
    assert ended.code == 143 and set(statuses(ended).values()) <= {"interrupted", "skipped"}
    assert registry.released("team/one") == registry.released("team/two") == {}


WHOLE = ["VERSION", "libs/f", "proto", "services/api/f"]


@pytest.mark.parametrize(
    ("given", "dirty"),
    [
        ({"context": "services/api"}, ["services/api/f"]),
        ({"context": "services/api", "paths": ("proto",)}, ["proto", "services/api/f"]),
        ({"context": "services/api", "build_contexts": ("libs=libs",)}, ["libs/f", "services/api/f"]),
        # What goes into the image may be anywhere.
        ({"context": "."}, WHOLE),
        (
            {"context": "services/api", "build_contexts": ("all=.",)},
            WHOLE,
        ),
        ({"context": "services/api", "version_file": "VERSION"}, WHOLE),
    ],
)
def test_the_run_of_an_image_looks_again_at_what_goes_into_it(
    given: dict[str, object], dirty: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = GitRepository.init(tmp_path / "mono")
    project.commit("First", dict.fromkeys(WHOLE, "1.0.0\n"))
    seen = Seen(project.root, project.head, ())
    for name in WHOLE:
        (project.root / name).write_text("1.0.1\n")
    monkeypatch.chdir(project.root)
    now = datetime(2026, 11, 30, tzinfo=timezone.utc)
    source, _ = read_source_and_version(changed(Settings(), **given), CiFacts(), now, seen=seen)
    assert list(source.dirty) == dirty


def test_the_files_that_differ_whatever_they_are_called(tmp_path: Path) -> None:
    project = GitRepository.init(tmp_path / "odd")
    names = ["a b/ü.txt", "new\nline", "-x", 'quo"te', "gone"]
    first = project.commit("First", dict.fromkeys(names, "1") | {"kept": "1"})
    project.git("rm", "--quiet", "gone")
    second = project.commit("Second", dict.fromkeys(names[:-1], "2"))
    third = project.commit("Third", {"kept": "2"})
    head = read_head(project.root / "a b", CiFacts(), may_fetch=False)
    trees = [tree_of(head.git, one) for one in (first, second, third)]
    pairs = [(old, trees[2]) for old in trees]
    found = differing_files(head.git, pairs)
    assert [sorted(files) for files in found] == [sorted([*names, "kept"]), ["kept"], []]
    (project.root / "kept").write_text("3")
    dirty = read_head(project.root, CiFacts(), may_fetch=False)
    assert dirty.files_since([trees[2]]) == [("kept",)]


def test_where_a_pull_request_left_its_target(tmp_path: Path) -> None:
    project = GitRepository.init(tmp_path / "origin")
    base = project.commit("First", {"a": "1"})
    project.branch("feature")
    tip = project.commit("Feature", {"b": "1"})
    project.switch("main")
    on_main = project.commit("Main", {"c": "1"})
    asked = CiFacts(ci_ref=Ref(pull_request="7", commit=tip, base="main", event="pull_request"))
    project.switch("feature")
    head = read_head(project.root, asked, may_fetch=False)
    assert (head.base, head.commit, head.tags) == (base, tip, ())
    # The merge commit of its head and its target: its other parent is the target.
    project.switch("main")
    project.git("merge", "--quiet", "--no-ff", f"--message=Merge {tip} into {on_main}", "feature")
    merged = read_head(project.root, asked, may_fetch=False)
    assert (merged.base, merged.commit) == (on_main, tip)
    assert merged.files_since([tree_of(merged.git, merged.base)]) == [("b",)]


def test_a_shallow_or_treeless_clone_gets_what_it_lacks(tmp_path: Path) -> None:
    project = GitRepository.init(tmp_path / "origin")
    first = project.commit("First", {"a/f": "1", "b/f": "1"})
    project.commit("Second", {"b/f": "2"})
    project.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{project.root}"
    for name, option in (("shallow", "--depth=1"), ("treeless", "--filter=tree:0")):
        project.git("clone", "--quiet", option, url, str(tmp_path / name))
        said: list[str] = []
        head = read_head(tmp_path / name / "a", CiFacts(), may_fetch=True, say=said.append)
        tree = project.git("rev-parse", f"{first}^{{tree}}")
        assert head.files_since([tree]) == [("b/f",)], name
        assert len(said) == 1 and name in said[0]
