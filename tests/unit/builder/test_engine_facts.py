"""Which engine docker uses, and what it says of itself."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base import process
from ecr_push.base.errors import BuildError
from ecr_push.base.process import Completed
from ecr_push.builder.engine_facts import EngineFacts, engine_facts

CONFIG = {
    "IndexConfigs": {"docker.io": {"Secure": True}, "nexus:5000": {"Secure": False}},
    "InsecureRegistryCIDRs": ["127.0.0.0/8", "10.1.2.3/8"],
}
INFO = {
    "RegistryConfig": CONFIG,
    "HttpProxy": "http://plain:1",
    "HttpsProxy": "http://proxy:3128",
    "NoProxy": "localhost",
}
SAID = {
    "without_tls": ("127.0.0.0/8", "10.0.0.0/8", "nexus:5000"),
    "proxy": "http://proxy:3128",
    "no_proxy": "localhost",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Docker's configuration, with the context `build`, which is not chosen."""
    meta = tmp_path / "contexts" / "meta" / hashlib.sha256(b"build").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": "build", "Endpoints": {"docker": {"Host": "tcp://build:2375"}}}))
    return tmp_path


def says(monkeypatch: pytest.MonkeyPatch, *lines: str, code: int = 0) -> None:
    monkeypatch.setattr(process, "run", lambda argv, environ: Completed(code, lines))


@pytest.mark.parametrize(
    ("chosen", "environ", "expected"),
    [
        ("", {}, EngineFacts("", "")),
        ("build", {}, EngineFacts("the context build", "tcp://build:2375")),
        ("", {"DOCKER_CONTEXT": "build"}, EngineFacts("the context build", "tcp://build:2375")),
        ("build", {"DOCKER_CONTEXT": "default"}, EngineFacts("", "", "build")),
        ("build", {"DOCKER_HOST": "tcp://x:1"}, EngineFacts("DOCKER_HOST", "tcp://x:1", "build")),
        (
            "",
            {"DOCKER_HOST": "tcp://x:1", "DOCKER_CONTEXT": "build"},
            EngineFacts("DOCKER_HOST", "tcp://x:1", "build"),
        ),
        ("default", {"DOCKER_HOST": "tcp://x:1"}, EngineFacts("DOCKER_HOST", "tcp://x:1")),
    ],
)
def test_what_chooses_it(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    chosen: str,
    environ: dict[str, str],
    expected: EngineFacts,
) -> None:
    (folder / "config.json").write_text(json.dumps({"currentContext": chosen} if chosen else {}))
    says(monkeypatch, code=1)
    assert engine_facts({**environ, "DOCKER_CONFIG": str(folder)}) == expected


def test_a_context_that_is_not_there_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, code=1)
    with pytest.raises(BuildError, match="docker context 'gone' not found"):
        engine_facts({"DOCKER_CONFIG": str(folder), "DOCKER_CONTEXT": "gone"})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (json.dumps(INFO), SAID),
        (json.dumps({**INFO, "HttpsProxy": ""}), {**SAID, "proxy": "http://plain:1"}),
        (json.dumps({"RegistryConfig": CONFIG}), {"without_tls": SAID["without_tls"]}),
        ("null", {}),
        ("no JSON", {}),
        (json.dumps({"RegistryConfig": {**CONFIG, "InsecureRegistryCIDRs": ["no network/x"]}}), {}),
    ],
)
def test_what_it_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answer: str, expected: dict[str, Any]
) -> None:
    says(monkeypatch, "WARNING: something", answer)
    assert engine_facts({"DOCKER_CONFIG": str(folder)}) == EngineFacts("", "", **expected)


def test_without_docker_there_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(argv: object, environ: object) -> Completed:
        raise FileNotFoundError

    monkeypatch.setattr(process, "run", missing)
    assert engine_facts({"DOCKER_CONFIG": str(folder)}) is None
