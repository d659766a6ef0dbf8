"""The buildspecs that ship, run as CodeBuild runs them: with the real CLI, a real engine, and the sandbox."""

from __future__ import annotations

import json
import os
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecr_push.sandbox.server import Sandbox
from tests.integration import images
from tests.integration.buildspec import Build, run_build
from tests.integration.command_line import shows_a_token
from tests.integration.git_repository import GitRepository
from tests.integration.registry import REPOSITORY, Registry

ROOT = Path(__file__).parents[2]
BUILDSPEC = (ROOT / "codebuild" / "buildspec.yml").read_text(encoding="utf-8")
FRAGMENT = (ROOT / "codebuild" / "fragment.yml").read_text(encoding="utf-8")
REPORTS = {"ecr-push.json", "ecr-push.html", "ecr-push.sarif"}
HANDED_OVER = {"imagedefinitions.json", "imageDetail.json"}
URL = "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/projects/app/build/app:0a1b"

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(scope="session")
def tool(tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    """A repository with this very ecr-push, to be cloned from."""
    made = GitRepository.init(tmp_path_factory.mktemp("tool") / "ecr-push")
    for name in ("ecr_push", "codebuild", "requirements", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, made.root / name)
    for cache in made.root.rglob("__pycache__"):
        shutil.rmtree(cache)
    made.commit("All of it", {})
    return made


@pytest.fixture(scope="session")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the buildspec's cache keeps between builds."""
    return tmp_path_factory.mktemp("downloads")


@dataclass
class Project:
    """A project of CodeBuild's, whose builds reach the sandbox."""

    source: Path
    image: dict[str, str]
    variables: dict[str, str]
    settings: dict[str, str] = field(default_factory=lambda: {"ECR_PUSH_REPOSITORY": REPOSITORY})

    def build(self, webhook: Mapping[str, str], *, text: str = BUILDSPEC, **variables: str) -> Build:
        given = {f"CODEBUILD_{name}": value for name, value in webhook.items()}
        build = run_build(
            text, self.source, {**self.image, **given},
            project={**self.variables, **self.settings, **variables},
        )  # fmt: skip
        assert not shows_a_token(build.log)
        assert not any(map(shows_a_token, build.artifacts.values()))
        return build


@pytest.fixture
def codebuild(
    project: GitRepository,
    tool: GitRepository,
    sandbox: Sandbox,
    registry: Registry,
    tmp_path: Path,
    downloads: Path,
) -> Project:
    registry.create()
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    leads = ("DOCKER_HOST", "PIP_", "UV_", "SSL_CERT_")  # the engine, and how this machine reaches an index
    kept = {name: of for name, of in os.environ.items() if name.startswith(leads)}
    image = {
        **kept,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "PIP_CACHE_DIR": str(downloads / "pip"),
        "UV_CACHE_DIR": str(downloads / "uv"),
        "CI": "true",
        "CODEBUILD_BUILD_ID": "app:0a1b2c3d-0000-1111-2222-333344445555",
        "CODEBUILD_BUILD_URL": URL,
        **sandbox.environment,
    }
    return Project(project.root, image, {"SOURCE": str(tool.root), "COMMIT": tool.head})


def branch(name: str, commit: str) -> dict[str, str]:
    return {
        "WEBHOOK_TRIGGER": f"branch/{name}",
        "WEBHOOK_HEAD_REF": f"refs/heads/{name}",
        "RESOLVED_SOURCE_VERSION": commit,
        "INITIATOR": "GitHub-Hookshot/1",
    }


def pull_request(number: int, name: str, commit: str) -> dict[str, str]:
    return {
        "WEBHOOK_TRIGGER": f"pr/{number}",
        "WEBHOOK_HEAD_REF": f"refs/heads/{name}",
        "WEBHOOK_BASE_REF": "refs/heads/main",
        "RESOLVED_SOURCE_VERSION": commit,
    }


def tag(name: str, commit: str) -> dict[str, str]:
    return {
        "WEBHOOK_TRIGGER": f"tag/{name}",
        "WEBHOOK_HEAD_REF": f"refs/tags/{name}",
        "RESOLVED_SOURCE_VERSION": commit,
    }


def without_uv(folder: Path, path: str) -> str:
    """A PATH that lacks uv, with the Python of the tests."""
    folder.mkdir()
    (folder / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (folder / "python3").chmod(0o755)
    return ":".join([str(folder), *(one for one in path.split(":") if not (Path(one) / "uv").exists())])


def document(build: Build) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(build.artifacts["ecr-push.json"])
    return found


def test_a_push_to_a_branch(
    codebuild: Project, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    """Installed by pip; the other builds take uv, where it is there."""
    codebuild.image["PATH"] = without_uv(tmp_path / "bin", codebuild.image["PATH"])
    commit = project.commit()
    project.git("checkout", "--quiet", "--detach")
    # What a source could bring along so that the installation runs it. None of it may be.
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w')\n"
    project.write(dict.fromkeys(("venv.py", "pip.py", "ecr_push.py", "sysconfig.py", "click.py"), trap))
    project.write({"pip.conf": "[global]\nindex-url = http://127.0.0.1:9/\n", "uv.toml": "offline = true\n"})

    build = codebuild.build(branch("main", commit))

    assert build.succeeded, build.log
    assert not (tmp_path / "sprung").exists()
    tags = registry.tags()
    image = f"{registry.sandbox.host}/{REPOSITORY}@{tags['main']}"
    assert build.exported == {
        "IMAGE": image, "DIGEST": tags["main"], "VERSION": "1.4.3-dev.1", "VERDICT": "accepted",
    }  # fmt: skip
    assert set(build.artifacts) == REPORTS | HANDED_OVER
    assert json.loads(build.artifacts["imagedefinitions.json"]) == [{"name": "app", "imageUri": image}]
    assert json.loads(build.artifacts["imageDetail.json"]) == {"ImageURI": image}
    assert document(build)["run"]["url"] == URL
    assert document(build)["tool"]["version"], "though nothing of it was built"
    assert build.reports == {"ecr-push": ["ecr-push.xml"]}
    assert f"ecr-push accepted {image}\n" in build.log


def test_a_refused_pull_request(codebuild: Project, project: GitRepository, registry: Registry) -> None:
    """A repository that has the files of an earlier deployment in it, too."""
    project.branch("fix")
    old = dict.fromkeys(HANDED_OVER, "[]")
    commit = project.commit("Add PyYAML", {**images.VULNERABLE, **old})
    project.git("checkout", "--quiet", "--detach")
    build = codebuild.build(pull_request(12, "fix", commit))

    assert not build.succeeded
    assert build.phases["build"] == "FAILED" and "exit status 10" in build.log
    assert build.exported["VERDICT"] == "refused"
    assert build.exported["IMAGE"] == build.exported["DIGEST"] == ""
    assert set(build.artifacts) == REPORTS, "there is nothing to deploy"
    found = document(build)
    assert found["exitCode"] == 10
    assert [one["tag"] for one in found["tags"]][-1] == "pr-12"
    assert not registry.released()
    report = ElementTree.parse(codebuild.source / build.reports["ecr-push"][0]).getroot()
    assert report.find(".//failure") is not None
    assert "ecr-push refused (nothing to deploy)\n" in build.log


def test_a_build_that_fails_on_a_tag(codebuild: Project, project: GitRepository, registry: Registry) -> None:
    commit = project.commit("Break it", {"Dockerfile": "FROM scratch\nCOPY gone /\n"})
    project.tag("v1.5.0")
    project.git("checkout", "--quiet", "--detach")
    build = codebuild.build(tag("v1.5.0", commit))
    assert not build.succeeded
    assert "exit status 3" in build.log
    assert build.exported == {"IMAGE": "", "DIGEST": "", "VERSION": "1.5.0", "VERDICT": "failed"}
    assert document(build)["failure"]["phase"] == "build"
    assert set(build.artifacts) == REPORTS - {"ecr-push.sarif"}, "nothing was judged"
    assert build.reports == {"ecr-push": ["ecr-push.xml"]}


def test_without_docker_it_is_said_what_the_project_lacks(
    codebuild: Project, project: GitRepository, registry: Registry
) -> None:
    codebuild.image["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
    build = codebuild.build(branch("main", project.head))
    assert build.phases == {"install": "SUCCEEDED", "pre_build": "FAILED", "upload_artifacts": "FAILED"}
    for told in ("no Docker engine answers", "PrivilegedMode: true", "DockerServer"):
        assert told in build.log
    assert not registry.pushed_to


def test_wrong_settings_deploy_nothing_and_stay_a_failure(codebuild: Project, project: GitRepository) -> None:
    """Even where somebody lets the build go on, and an earlier deployment's file is in the source."""
    project.write({"imagedefinitions.json": "[]"})
    spec = yaml.safe_load(BUILDSPEC)
    spec["phases"]["build"]["on-failure"] = "CONTINUE"
    build = codebuild.build(branch("main", project.head), text=yaml.safe_dump(spec), ECR_PUSH_FAIL_ON="hihg")
    assert build.phases["build"] == "CONTINUED" and "exit status 2" in build.log
    assert build.phases["post_build"] == "FAILED", "post_build keeps it"
    assert build.exported["VERDICT"] == "failed"
    assert "did you mean 'high'?" in build.log
    assert not build.artifacts


def test_codepipelines_source_without_git(
    codebuild: Project, project: GitRepository, registry: Registry
) -> None:
    """The pipeline tells the branch by a variable, as codebuild/template.yaml has it."""
    commit = project.head
    shutil.rmtree(project.root / ".git")
    build = codebuild.build(
        {"INITIATOR": "codepipeline/app", "RESOLVED_SOURCE_VERSION": commit}, ECR_PUSH_BRANCH="main"
    )
    assert build.succeeded, build.log
    assert set(registry.tags()) == {f"sha-{commit[:12]}", "main"}
    assert build.exported["VERSION"] == ""
    assert document(build)["run"]["actor"] == "codepipeline/app"


def test_the_fragment_within_a_buildspec_of_ones_own(
    codebuild: Project, project: GitRepository, registry: Registry
) -> None:
    theirs: dict[str, list[str]] = {
        "install": ["mkdir -p build && cd build", "set -eu"],
        "build": ["echo own tests", 'cd "$CODEBUILD_SRC_DIR"'],
        "post_build": ['test -z "$IMAGE" || echo "deploying $IMAGE"'],
    }
    ours = yaml.safe_load(FRAGMENT)
    phases = {
        "install": theirs["install"] + ours["phases"]["install"]["commands"],
        "build": theirs["build"] + ours["phases"]["build"]["commands"],
        "post_build": ours["phases"]["post_build"]["commands"] + theirs["post_build"],
    }
    spec = {**ours, "phases": {name: {"commands": lines} for name, lines in phases.items()}}
    commit = project.commit()
    build = codebuild.build(branch("main", commit), text=yaml.safe_dump(spec))
    assert build.succeeded, build.log
    assert f"deploying {build.exported['IMAGE']}\n" in build.log
    assert build.exported["IMAGE"].endswith(registry.tags()["main"])
    assert build.reports == {"ecr-push": ["ecr-push.xml"]}
