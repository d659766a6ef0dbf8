"""The step of a release's library runs the bundle that it carries, and installs nothing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import images
from tests.support.bundles import LEAST, NO_INDEX, made_bundle
from tests.support.cut_off import CutOff
from tests.support.git_repository import GitRepository
from tests.support.jenkins.builds import Built, Scenario, agent_of_this_machine, play, released_library
from tests.support.pythons import pythons
from tests.support.registry import Registry, client_of, remove_images

pytestmark = pytest.mark.usefixtures("engine")

CALL = "ecrPush(repository: 'team/app', region: 'eu-west-1', dryRun: true, publish: false)"
ONE = f"node {{ checkout scm; {CALL} }}"
# Its second call finds what the first one left; its other two, at once, find that changed.
WHOLE = f"""
node {{
    checkout scm
    ecrPush(repository: 'team/app', region: 'eu-west-1')
    echo 'the second call'
    {CALL}
    sh 'for one in "$WORKSPACE_TMP"/ecr-push/kept/*; do echo changed >>"$one"; done'
    parallel one: {{ {CALL} }}, other: {{ {CALL} }}
}}
"""
HERE = f"code-{sys.version_info[0]}{sys.version_info[1]}.zip"
ALWAYS = ["clean-up.sh", "environment.sh", "answer.py", "SHA256SUMS", "start.py"]
OF_THE_BUNDLE = [HERE, "tzdata.zip", "cacert.pem"]


@dataclass(frozen=True)
class Farm:
    registry: Registry
    builds: Mapping[str, Built]

    def __getitem__(self, name: str) -> Built:
        return self.builds[name]


@pytest.fixture(scope="module")
def farm(engine: None, client_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """Every build of this module, played at once, where of the world there is the engine and the registry."""
    folder = tmp_path_factory.mktemp("jenkins")
    project = GitRepository.init(folder / "app")
    project.commit("First", images.CLEAN)
    project.tag("v1.4.2")
    with Sandbox(SandboxOptions(region="eu-west-1", scan_delay=0.0)) as sandbox:
        registry = Registry(sandbox, client_of(sandbox, folder / "clients", client_path))
        registry.create("team/app")
        own = agent_of_this_machine(folder, sandbox.environment)
        agent = {**{name: own[name] for name in own if not name.startswith(("PIP_", "UV_"))}, **NO_INDEX}
        agent["PATH"] = f"{Path(sys.executable).parent}:{agent['PATH']}"
        library = released_library(folder / "library", made_bundle())

        def scenario(name: str, pipeline: str, **more: Any) -> Scenario:
            file = folder / f"{name}.Jenkinsfile"
            file.write_text(pipeline)
            given = {"agent": agent, "library": library, **more}
            return Scenario(file, folder / "workspaces" / name, f"file://{project.root}", **given)

        scenarios = {
            "whole": scenario("whole", WHOLE),
            "changed start": scenario("changed start", ONE, library=changed(library, "start.py")),
            "changed code": scenario("changed code", ONE, library=changed(library, HERE)),
            "old": scenario("old", ONE, agent={**agent, "PATH": old_python(folder / "old")}),
            "sandbox": scenario("sandbox", ONE.replace("dryRun", "sandbox: true, dryRun")),
        }
        with CutOff(folder / "bridge", sandbox.host) as cut_off:
            yield Farm(registry, play(scenarios, folder, before=cut_off.command))
        remove_images(sandbox.host, sandbox.public_host)


def changed(library: Path, name: str) -> Path:
    """The library, with another line of one file."""
    folder = Path(shutil.copytree(library, library.with_name(f"changed {name}")))
    with (folder / "resources" / "io" / "ecrpush" / "bundle" / name).open("a") as file:
        file.write("\n")
    return folder


def oldest_python() -> Path | None:
    return next((path for version, path in sorted(pythons().items()) if (3, 4) <= version < LEAST), None)


def old_python(folder: Path) -> str:
    """A PATH with the oldest Python 3 of this machine alone."""
    folder.mkdir()
    for name in ("sh", "git", "find", "id", "sed"):
        (folder / name).symlink_to(shutil.which(name) or name)
    (folder / "python3").write_text(f'#!/bin/sh\nexec {oldest_python()} "$@"\n')
    (folder / "python3").chmod(0o755)
    return str(folder)


def names(paths: list[str]) -> list[str]:
    return [Path(one).name for one in paths]


def test_a_whole_job_runs_with_the_network_cut_off(farm: Farm) -> None:
    built = farm["whole"]
    assert (built.result, built.error) == ("SUCCESS", ""), built.log
    image = built.returned[0]["value"]
    assert (image["verdict"], image["version"]) == ("accepted", "1.4.2")
    assert image["digest"] == farm.registry.tags("team/app")["1.4.2"]
    assert built.steps == ["junit", "publishHTML", "recordIssues", "archiveArtifacts"]


def test_the_archive_for_the_agents_python_comes_once(farm: Farm) -> None:
    """A changed one counts as none."""
    writes = list(farm["whole"].writes)
    first = len(ALWAYS + OF_THE_BUNDLE)
    assert names(writes[:first]) == ALWAYS + OF_THE_BUNDLE
    assert names(writes[first : first + len(ALWAYS)]) == ALWAYS
    both = names(writes[first + len(ALWAYS) :])
    assert sorted(both) == sorted(2 * (ALWAYS + OF_THE_BUNDLE))


def test_nothing_is_left_but_the_results_and_what_the_next_run_takes(farm: Farm) -> None:
    folder = farm["whole"].workspace.parent / "whole@tmp" / "ecr-push"
    kept = {path.read_bytes() for path in (folder / "kept").iterdir()}
    bundle = made_bundle()
    assert kept == {(bundle / name).read_bytes() for name in OF_THE_BUNDLE}
    left = {path.name for run in folder.glob("run-*") for path in run.iterdir()}
    assert left == {"ecr-push.json", *(f"ecr-push-team-app.{end}" for end in ("xml", "html", "sarif"))}


@pytest.mark.parametrize(("name", "file"), [("changed start", "start.py"), ("changed code", HERE)])
def test_a_file_that_is_not_the_releases_is_an_error_that_names_it(farm: Farm, name: str, file: str) -> None:
    built = farm[name]
    assert built.result == "FAILURE"
    assert built.error.endswith("(exit code 2)"), built.log
    assert f"the file {file} of ecr-push is not the one that its release has" in built.error + built.log


def test_a_python_that_is_too_old_is_an_error_that_says_so(farm: Farm) -> None:
    if oldest_python() is None:
        pytest.skip("this machine has no Python 3 that is too old")
    built = farm["old"]
    assert built.result == "FAILURE"
    assert "ecr-push needs 3.10 or later; its PATH has no newer one. To do: install Python" in built.error
    assert built.error.endswith("(exit code 2)")


def test_the_sandbox_is_not_in_the_bundle_and_is_installed(farm: Farm) -> None:
    assert "could not install ecr-push on this agent" in farm["sandbox"].error
