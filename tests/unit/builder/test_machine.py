from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ecr_push.base import process
from ecr_push.base.process import Completed
from ecr_push.builder import machine as module
from ecr_push.builder.machine import Machine, find_machine

BUILDX = "github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4"
DOCKERS = ("docker", "buildx")


class Programs:
    """The programs of a PATH: argv -> what they say; one that fails has an answer that begins with `!`."""

    def __init__(self, folder: Path, answers: Mapping[str, str]) -> None:
        self.answers = answers
        for name in {one.split()[0] for one in answers}:
            (folder / name).touch(mode=0o755)

    def run(self, argv: Sequence[str], environ: Mapping[str, str]) -> Completed:
        words = [Path(argv[0]).name, *argv[1:]]
        if not any(one.split()[0] == words[0] for one in self.answers):
            raise FileNotFoundError(words[0])
        said = self.answers.get(" ".join(words[:2] if words[1] == "version" else words), "!unknown")
        return Completed(int(said.startswith("!")), (said.removeprefix("!"),))


def found(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    answers: Mapping[str, str],
    engine: tuple[str, str] = ("", ""),
) -> Machine:
    monkeypatch.setattr(process, "run", Programs(folder, answers).run)
    monkeypatch.setattr(module, "_engine_of", lambda environ: engine)
    monkeypatch.setattr("ecr_push.builder.buildx_program._FOLDERS", ())
    return find_machine({"PATH": str(folder), "HOME": str(folder)})


@pytest.mark.parametrize(
    ("answers", "machine"),
    [
        (
            {"docker version": "28.5.2 linux/amd64", "docker buildx version": BUILDX},
            Machine("28.5.2", "0.29.1+ds1", platform="linux/amd64"),
        ),
        (
            {"docker version": "28.5.2 linux/amd64", "docker buildx version": "!not a docker command"},
            Machine("28.5.2", platform="linux/amd64"),
        ),
        (
            {"docker version": "!Cannot connect to the Docker daemon", "docker buildx version": BUILDX},
            Machine("", "0.29.1+ds1", "Cannot connect to the Docker daemon"),
        ),
        (
            {"docker version": "28.5.2 linux/amd64", "docker buildx version": BUILDX, "podman x": ""},
            Machine("28.5.2", "0.29.1+ds1", platform="linux/amd64", tools=("podman",)),
        ),
        # podman-docker: each of its versions says that it is the engine, and 5 says that it has buildx.
        (
            {
                "docker version": "5.8.6 linux/amd64",
                "docker buildx version": "buildah 1.43.2",
                "docker --version": "podman version 5.8.6",
                "podman x": "",
            },
            Machine("", "", "the docker command is podman's", has_docker=False, tools=("podman",)),
        ),
        (
            {"buildah x": "", "podman x": ""},
            Machine(
                why="there is no docker command in the PATH", has_docker=False, tools=("podman", "buildah")
            ),
        ),
        ({"git x": ""}, Machine(why="there is no docker command in the PATH", has_docker=False)),
    ],
)
def test_what_is_there(
    answers: Mapping[str, str], machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert found(monkeypatch, tmp_path, answers) == machine


@pytest.mark.parametrize("name", ["docker-buildx", "buildx"])
def test_buildx_without_docker_reaches_an_engine_by_its_socket(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine = found(monkeypatch, tmp_path, {f"{name} version": BUILDX}, ("28.5.2", "linux/arm64"))
    assert machine.program == (str(tmp_path / name),)
    assert (machine.server, machine.platform, machine.buildx) == ("28.5.2", "linux/arm64", "0.29.1+ds1")


def test_buildx_as_a_program_where_docker_has_no_such_plugin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = {
        "docker version": "28.5.2 linux/amd64",
        "docker buildx version": "!not a docker command",
        "docker-buildx version": BUILDX,
    }
    machine = found(monkeypatch, tmp_path, answers)
    assert machine == Machine(
        "28.5.2", "0.29.1+ds1", platform="linux/amd64", program=(str(tmp_path / "docker-buildx"),)
    )


def test_a_plugin_of_the_users_own_is_found_without_docker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plugin = tmp_path / ".docker" / "cli-plugins" / "docker-buildx"
    plugin.parent.mkdir(parents=True)
    plugin.touch(mode=0o755)
    monkeypatch.setattr(
        process,
        "run",
        lambda argv, environ: (
            Completed(0, (BUILDX,)) if argv[0] == str(plugin) else Programs(tmp_path, {}).run(argv, environ)
        ),
    )
    monkeypatch.setattr(module, "_engine_of", lambda environ: ("", ""))
    machine = find_machine({"PATH": str(tmp_path), "HOME": str(tmp_path)})
    assert machine.program == (str(plugin),) and machine.buildx
