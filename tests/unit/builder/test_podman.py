"""What podman and buildah say, and what it means: their output as they print it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base import process
from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.base.process import Completed
from ecr_push.base.reference import Tag, parse_repository
from ecr_push.builder.interface import BuiltImage
from ecr_push.builder.permission import Permission
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.podman import PodmanBuilder, Program, own_platform
from ecr_push.builder.podman_command import Flags
from tests.support.fakes import FakeNarrator

REPOSITORY = parse_repository("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app")
CANDIDATE = Tag("candidate-1")
ID = "a5354bf59fc934ec15115d2c0601144e67d11440059e11111b0c3be35850df75"
DIGEST = f"sha256:{ID}"
NONE = Flags(frozenset(), frozenset())


class Podman:
    """What it prints, how it ends, and what it writes into the file of a flag."""

    def __init__(self, output: str = "", code: int = 0, **files: str) -> None:
        self.output = output.splitlines()
        self.code = code
        self.files = files
        self.asked: list[tuple[str, ...]] = []

    def run(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        stdin: str = "",
        on_line: Callable[[str], None] = lambda line: None,
        stop: object = None,
    ) -> Completed:
        self.asked.append(tuple(argv))
        given = dict(
            word.removeprefix("--").split("=", 1) for word in argv if word.startswith("--") and "=" in word
        )
        for flag, text in self.files.items():
            if flag in given:
                Path(given[flag]).write_text(text)
        for line in self.output:
            on_line(line)
        return Completed(self.code, tuple(self.output))


def built_by(
    podman: Podman,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *platforms: str,
    at_end: ExitStack | None = None,
) -> tuple[PodmanBuilder, BuildPlan, FakeNarrator]:
    monkeypatch.setattr(process, "run", podman.run)
    narrator: Any = FakeNarrator()
    plan = BuildPlan(tmp_path, tmp_path / "Dockerfile", platforms=platforms)
    folders = PrivateFolders({"TMPDIR": "/tmp", "XDG_RUNTIME_DIR": ""})
    return (
        PodmanBuilder(Program("podman", "5.8.6", NONE), plan, {}, narrator, folders, at_end),
        plan,
        narrator,
    )


BUILT = f"""\
STEP 1/3: FROM base
[1/2] STEP 2/3: COPY a /a
--> Using cache 74be3b409b1
--> 74be3b409b1
STEP 3/3: HEALTHCHECK CMD true
time="…" level=warning msg="HEALTHCHECK is not supported for OCI image format and will be ignored"
COMMIT
time="…" level=warning msg="HEALTHCHECK is not supported for OCI image format and will be ignored"
{ID}
"""
MANY = """\
[linux/arm64] [1/2] STEP 1/2: FROM scratch AS base
[linux/amd64] STEP 1/2: FROM scratch
[linux/amd64] STEP 2/2: COPY a /a
"""


def test_a_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    podman = Podman(BUILT, iidfile=f"sha256:{ID}")
    builder, plan, narrator = built_by(podman, monkeypatch, tmp_path)
    built = builder.build(plan, REPOSITORY, CANDIDATE, Permission())
    assert (built.local, built.digest, built.steps, built.builder) == (ID, "", (3, 1), "podman 5.8.6")
    [warning] = narrator.warned
    assert warning.startswith(
        "the image has no HEALTHCHECK, which the OCI format does not know: BUILDAH_FORMAT"
    )


def test_a_list_of_several_platforms_stays_until_nothing_more_is_pushed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The registry may have too many requests, and the same push comes again."""
    podman = Podman(MANY, digestfile=DIGEST)
    with ExitStack() as at_end:
        builder, plan, _ = built_by(
            podman, monkeypatch, tmp_path, "linux/amd64", "linux/arm64", at_end=at_end
        )
        built = builder.build(plan, REPOSITORY, CANDIDATE, Permission())
        assert (built.local, built.steps) == ("localhost/ecr-push:candidate-1", (3, 0))
        podman.code = 125
        with pytest.raises(RegistryError):
            builder.push(built, REPOSITORY, CANDIDATE, pytest.fail)
        podman.code = 0
        assert builder.push(built, REPOSITORY, CANDIDATE, pytest.fail).value == DIGEST
        assert [one[1:3] for one in podman.asked] == [
            *(("manifest", "rm"), ("build", "--layers"), ("manifest", "push"), ("manifest", "push"))
        ]
    assert podman.asked[4:] == [("podman", "manifest", "rm", built.local)]


@pytest.mark.parametrize(
    ("output", "code", "what", "remedy"),
    [
        (
            'STEP 2/2: RUN make\nError: building at STEP "RUN make": while running runtime: exit status 2',
            *(1, "Dockerfile: RUN make: exit code 2", "correct what podman's lines name"),
        ),
        (
            'Error: building at STEP "COPY gone /": checking on sources: no such file or directory',
            *(
                125,
                "Dockerfile: COPY gone /: checking on sources: no such file or directory",
                "correct what",
            ),
        ),
        (
            'Error: creating build container: short-name "alpine" did not resolve to an alias',
            *(125, "podman build failed with exit code 125", "such as docker.io/library/alpine"),
        ),
        ("STEP 1/2: FROM base", -9, "podman build failed with exit code -9", "correct what"),
        ("STEP 1/2: FROM base", 0, "podman build failed with exit code 0", "correct what"),  # by SIGTERM
    ],
)
def test_a_build_that_fails(
    output: str, code: int, what: str, remedy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    builder, plan, _ = built_by(Podman(output, code), monkeypatch, tmp_path)
    with pytest.raises(BuildError) as caught:
        builder.build(plan, REPOSITORY, CANDIDATE, Permission())
    assert caught.value.what.endswith(what) and remedy in caught.value.remedy
    assert output in caught.value.why


@pytest.mark.parametrize(
    ("podman", "text"),
    [
        (
            Podman("Error: writing blob: denied", 125),
            "the candidate could not be pushed: writing blob: denied",
        ),
        (Podman("Copying blob"), "did not push the candidate, and does not say why: its exit code is 0"),
        (Podman("Copying blob", digestfile=""), "names no digest\nCopying blob"),
    ],
)
def test_a_push_that_fails(
    podman: Podman, text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    builder, _, _ = built_by(podman, monkeypatch, tmp_path)
    built = BuiltImage(REPOSITORY.tagged(CANDIDATE), "podman", local=ID)
    with pytest.raises(RegistryError) as caught:
        builder.push(built, REPOSITORY, CANDIDATE, pytest.fail)
    assert text in f"{caught.value.what}: {caught.value.why}"


@pytest.mark.parametrize(
    ("tool", "output", "code", "platform"),
    [
        ("podman", "linux/arm64", 0, "linux/arm64"),
        ("podman", "Error: cannot connect", 125, ""),
        (
            "buildah",
            "Version:         1.43.2\nOS/Arch:         linux/amd64\nBuildPlatform:   linux/amd64/v1",
            0,
            "linux/amd64",
        ),
        ("buildah", "Error: no", 1, ""),
    ],
)
def test_its_own_platform(
    tool: str, output: str, code: int, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "run", Podman(output, code).run)
    assert own_platform(tool, {}) == platform
