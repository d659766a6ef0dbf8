"""What a run hands over, read by those who read it; and what is left of it when a run ends badly."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

NAMES = ("IMAGE", "DIGEST", "VERSION", "TAGS", "VERDICT", "EXIT_CODE", "CANDIDATE")


@pytest.fixture
def wanted(tmp_path: Path) -> list[str]:
    """--report for each file, all of them left by an earlier run."""
    reports = []
    for name in ("imagedefinitions.json", "imageDetail.json", "run.env"):
        (tmp_path / name).write_text("IMAGE=of-an-earlier-run\n")
        reports += ["--report", f"{tmp_path}/{name}"]
    return reports


def handed_over(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} & {"imagedefinitions.json", "imageDetail.json", "run.env"}


@pytest.mark.usefixtures("engine")
def test_the_image_is_read_by_the_shell_and_by_docker(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path, wanted: list[str]
) -> None:
    registry.create()
    run = cli.run(project.root, "-r", REPOSITORY, *wanted, "--container-name", "web")
    assert run.code == 0, run.stderr
    [definition] = json.loads((tmp_path / "imagedefinitions.json").read_text())
    assert definition == {"name": "web", "imageUri": run.image}
    assert json.loads((tmp_path / "imageDetail.json").read_text()) == {"ImageURI": run.image}

    expected = {
        "IMAGE": run.image,
        "DIGEST": run.digest,
        "VERSION": "1.4.2",
        "TAGS": ",".join(run.tags),
        "VERDICT": "accepted",
        "EXIT_CODE": "0",
        "CANDIDATE": "",
    }
    printed = subprocess.run(
        ["sh", "-euc", f". {tmp_path}/run.env; printf '%s\\n' " + " ".join(f'"${name}"' for name in NAMES)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert dict(zip(NAMES, printed.splitlines(), strict=True)) == expected
    container = registry.client.ask("docker", "create", "--env-file", f"{tmp_path}/run.env", run.image, "x")
    try:
        seen = json.loads(
            registry.client.ask("docker", "inspect", "--format", "{{json .Config.Env}}", container)
        )
    finally:
        registry.client.ask("docker", "rm", container)
    assert {name: of for name, of in (one.split("=", 1) for one in seen) if name in NAMES} == expected


@pytest.mark.usefixtures("engine")
def test_a_refused_image_leaves_nothing_to_deploy(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path, wanted: list[str]
) -> None:
    registry.create()
    project.commit("Add PyYAML", images.VULNERABLE)
    run = cli.run(project.root, "-r", REPOSITORY, *wanted)
    assert run.code == 10
    assert handed_over(tmp_path) == {"run.env"}
    variables = (tmp_path / "run.env").read_text()
    assert variables.startswith("IMAGE=\nDIGEST=\n")
    assert f"VERDICT=refused\nEXIT_CODE=10\nCANDIDATE={run.document['candidate']}\n" in variables


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("options", [("--fail-on", "hihg"), ("--dry-run",)], ids=["settings", "dry run"])
def test_a_run_that_comes_to_nothing_leaves_nothing_of_an_earlier_one(
    options: tuple[str, ...],
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    tmp_path: Path,
    wanted: list[str],
) -> None:
    registry.create()
    run = cli.command("run", project.root, "-r", REPOSITORY, *wanted, *options)
    planned = options[0] == "--dry-run"
    assert run.code == (0 if planned else 2), run.stderr
    assert handed_over(tmp_path) == {"run.env"}
    written = (tmp_path / "run.env").read_text()
    assert "IMAGE=\n" in written and f"VERDICT={'planned' if planned else 'failed'}\n" in written


@pytest.mark.usefixtures("engine")
def test_while_a_run_builds_an_earlier_ones_image_is_not_there_to_deploy(
    cli: CommandLine, project: GitRepository, registry: Registry, gate: Gate
) -> None:
    """If it is killed, the old image is not deployed for the new; tracked files leave the checkout clean."""
    registry.create()
    paths = [project.root / name for name in ("imagedefinitions.json", "imageDetail.json")]
    old = {path.name: "of an earlier run" for path in paths}
    project.commit("Slow", {**images.waiting_for(gate.url), **old})
    run = cli.start("run", project.root, "-r", REPOSITORY, *(f"--report={path}" for path in paths))
    run.until(gate.arrived.is_set, "the build")
    assert not any(path.exists() for path in paths)
    gate.open()
    ended = run.end()
    assert ended.code == 0, ended.stderr
    assert "dirty" not in "".join(registry.tags())
    assert all(ended.image in path.read_text() for path in paths)
