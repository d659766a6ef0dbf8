"""The real command line, in an empty directory, with a registry in memory in place of AWS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecr_push.cli import main as entry
from ecr_push.cli import reach, session
from ecr_push.source import read
from tests.support.builders import FakeBuilders
from tests.support.fakes import FakeClock, FakeRepository, manifest
from tests.support.judged_images import repository

COMMIT = "4f1e2d3c4b5a" + "0" * 28


class Console:
    """Runs commands. environ is their environment; out and err are what the last one printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.environ = {"HOME": str(folder), "PATH": ""}
        self.registry: FakeRepository = repository()
        self.out = self.err = ""

    def run(self, *argv: str) -> int:
        code = entry.main(argv)
        self.out, self.err = self._capsys.readouterr()
        return code

    def in_a_forks_pull_request(self) -> None:
        """On GitHub, for a pull request from a fork; the checkout has no .git."""
        base, fork = ({"full_name": name} for name in ("team/app", "else/app"))
        pull_request = {
            "number": 7,
            "base": {"repo": base},
            "head": {"repo": fork, "ref": "x", "sha": COMMIT},
        }
        event = self.folder / "event.json"
        event.write_text(json.dumps({"repository": base, "pull_request": pull_request}))
        self.environ |= {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_SHA": COMMIT,
        }


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    made = Console(tmp_path, capsys)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(entry.os, "environ", made.environ)
    monkeypatch.setattr(reach.Reach, "repository", lambda own, target: made.registry)
    builders = FakeBuilders(made.registry, manifest("built"))
    monkeypatch.setattr(session, "_builders_finder", lambda *arguments: builders.find)
    monkeypatch.setattr(read, "find_checkout", lambda *arguments, **more: None)  # without starting git
    monkeypatch.setattr(session, "SystemClock", FakeClock)  # the scans in that registry are not too old yet
    return made
