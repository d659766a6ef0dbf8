"""The buildspecs that ship, run as CodeBuild runs them: with the real CLI, a real engine, and the sandbox."""

from __future__ import annotations

import json
import os
import shutil
import socket
import socketserver
import sys
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecr_push.sandbox.server import Sandbox
from tests.support import images
from tests.support.act import BUNDLE
from tests.support.buildspec import Build, run_batch, run_build
from tests.support.bundles import NO_INDEX, made_bundle
from tests.support.command_line import shows_a_token
from tests.support.documents import fenced
from tests.support.git_repository import GitRepository
from tests.support.paths import ROOT
from tests.support.registry import REPOSITORY, Registry

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
def released(tool: GitRepository, tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    """The same one as a release has it: with the bundle."""
    made = tool.clone(tmp_path_factory.mktemp("released") / "ecr-push")
    shutil.copytree(made_bundle(), made.root / BUNDLE)
    made.commit("The bundle", {})
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
    released: GitRepository,
    sandbox: Sandbox,
    registry: Registry,
    tmp_path: Path,
    downloads: Path,
) -> Project:
    """It takes a release."""
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
    return Project(project.root, image, {"SOURCE": str(released.root), "COMMIT": released.head})


@pytest.fixture
def installing(codebuild: Project, tool: GitRepository) -> Project:
    """It takes main, which has no bundle: each build installs the package."""
    codebuild.variables = {"SOURCE": str(tool.root), "COMMIT": tool.head}
    return codebuild


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


@contextmanager
def forwarded(host: str) -> Iterator[str]:
    """The engine behind a TCP address of this machine, as a Docker server has one in CodeBuild's network."""
    there = host.removeprefix("unix://")

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as engine:
                engine.connect(there)
                back = threading.Thread(target=pour, args=(engine, self.request))
                back.start()
                pour(self.request, engine)
                back.join()

    def pour(source: socket.socket, target: socket.socket) -> None:
        try:
            while chunk := source.recv(65536):
                target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other side has gone

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Forward) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def path_without(name: str, folder: Path, path: str) -> str:
    """A PATH that lacks one program, with all others of the folders that had it."""
    folder.mkdir()
    (folder / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (folder / "python3").chmod(0o755)
    folders = [Path(one) for one in path.split(":")]
    for found in [one for one in folders if (one / name).exists()]:
        for program in found.iterdir():
            if program.name != name and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return ":".join([str(folder), *(str(one) for one in folders if not (one / name).exists())])


def with_commands(text: str, phase: str, *, before: Sequence[str] = (), after: Sequence[str] = ()) -> str:
    """A buildspec with a user's own commands around ours."""
    spec = yaml.safe_load(text)
    commands = spec["phases"].setdefault(phase, {}).setdefault("commands", [])
    commands[:] = [*before, *commands, *after]
    return yaml.safe_dump(spec, sort_keys=False)


def going_on(text: str, phase: str) -> str:
    spec = yaml.safe_load(text)
    spec["phases"][phase]["on-failure"] = "CONTINUE"
    return yaml.safe_dump(spec, sort_keys=False)


def document(build: Build) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(build.artifacts["ecr-push.json"])
    return found


def test_a_push_to_a_branch(
    installing: Project, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    """Installed by pip."""
    codebuild = installing
    codebuild.image["PATH"] = path_without("uv", tmp_path / "bin", codebuild.image["PATH"])
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


def test_a_release_installs_nothing(
    codebuild: Project, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    """The whole build, from the source that it clones to its artifacts, where packages come from nowhere."""
    codebuild.image["PATH"] = path_without("uv", tmp_path / "bin", codebuild.image["PATH"])
    kept = {name: of for name, of in codebuild.image.items() if not name.startswith(("PIP_", "UV_"))}
    codebuild.image = {**kept, **NO_INDEX}
    commit = project.commit()
    project.git("checkout", "--quiet", "--detach")
    build = codebuild.build(branch("main", commit))
    assert build.succeeded, build.log
    image = f"{registry.sandbox.host}/{REPOSITORY}@{registry.tags()['main']}"
    assert (build.exported["IMAGE"], build.exported["VERDICT"]) == (image, "accepted")
    assert set(build.artifacts) == REPORTS | HANDED_OVER
    assert build.reports == {"ecr-push": ["ecr-push.xml"]}


def test_a_refused_pull_request(installing: Project, project: GitRepository, registry: Registry) -> None:
    """Installed by uv. The repository has the files of an earlier deployment in it, too."""
    codebuild = installing
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


@pytest.mark.parametrize("lacking", ["engine", "client"])
def test_without_docker_it_is_said_what_the_project_lacks(
    codebuild: Project, project: GitRepository, registry: Registry, tmp_path: Path, lacking: str
) -> None:
    """No engine: neither privileged nor with a server. No client: Lambda compute, or an image without it."""
    if lacking == "engine":
        codebuild.image["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
    else:
        codebuild.image["PATH"] = path_without("docker", tmp_path / "bin", codebuild.image["PATH"])
    build = codebuild.build(branch("main", project.head), IMAGE="nginx:1.0")
    assert build.phases == {"install": "SUCCEEDED", "pre_build": "FAILED", "upload_artifacts": "FAILED"}
    assert build.exported == {"IMAGE": "", "DIGEST": "", "VERSION": "", "VERDICT": "failed"}
    for part in ("no Docker engine answers", "PrivilegedMode: true", "DockerServer", "Lambda compute"):
        assert part in build.log
    assert not registry.pushed_to


@pytest.mark.parametrize("spec", [BUILDSPEC, FRAGMENT], ids=["buildspec", "fragment"])
def test_wrong_settings_deploy_nothing_and_stay_a_failure(
    codebuild: Project, project: GitRepository, spec: str
) -> None:
    """Even where the user lets the build go on, an earlier deployment's file is in the source, and the
    project has variables with the names of ours."""
    project.write({"imagedefinitions.json": "[]"})
    text = with_commands(spec, "post_build", after=['test -z "$IMAGE" || echo "deploying $IMAGE"'])
    build = codebuild.build(
        branch("main", project.head),
        text=going_on(text, "build"),
        ECR_PUSH_FAIL_ON="hihg",
        IMAGE="nginx:1.0",
        DIGEST="sha256:0",
        VERSION="1.0",
        VERDICT="accepted",
    )
    assert build.phases["build"] == "CONTINUED" and "exit status 2" in build.log
    assert build.phases["post_build"] == "FAILED", "post_build keeps it"
    assert "did you mean 'high'?" in build.log
    empty = {"IMAGE": "", "DIGEST": "", "VERSION": "", "VERDICT": "failed"}
    assert build.exported == {name: empty[name] for name in build.exported}
    assert {"IMAGE", "VERDICT"} <= set(build.exported)
    assert "deploying" not in build.log.replace('"deploying $IMAGE"', "")
    assert not {"imagedefinitions.json", "imageDetail.json"} & set(build.artifacts)
    assert all(b'"failed"' in content for name, content in build.artifacts.items() if name.endswith(".json"))


def test_a_deployment_of_ones_own_is_held_back_after_a_failure_of_ones_own(
    codebuild: Project, project: GitRepository, registry: Registry
) -> None:
    """What stands after the guard does not run: the image was accepted, and then a test of theirs failed."""
    text = with_commands(FRAGMENT, "build", after=["false"])
    text = with_commands(text, "post_build", after=['echo "deploying $IMAGE"'])
    build = codebuild.build(branch("main", project.commit()), text=going_on(text, "build"))
    assert build.exported["VERDICT"] == "accepted" and registry.tags()["main"]
    assert not build.succeeded
    assert "deploying" not in build.log.replace('"deploying $IMAGE"', "")


def test_codepipelines_source_without_git(
    codebuild: Project, project: GitRepository, registry: Registry
) -> None:
    """The pipeline tells the branch by a variable, as codebuild/template.yaml has it."""
    commit = project.head
    shutil.rmtree(project.root / ".git")
    pipeline = {"INITIATOR": "codepipeline/app", "RESOLVED_SOURCE_VERSION": commit}
    build = codebuild.build(pipeline, ECR_PUSH_BRANCH="main")
    assert build.succeeded, build.log
    assert set(registry.tags()) == {f"sha-{commit[:12]}", "main"}
    assert build.exported["VERSION"] == ""
    assert document(build)["run"]["actor"] == "codepipeline/app"
    assert "is not in a git repository: commit, branch and tag are what the CI says" in build.log


def test_codepipelines_source_without_git_and_without_a_branch(
    codebuild: Project, project: GitRepository, registry: Registry
) -> None:
    """The commit's tag is all that is left. A version can be said, and is then the image's."""
    commit = project.head
    shutil.rmtree(project.root / ".git")
    pipeline = {"INITIATOR": "codepipeline/app", "RESOLVED_SOURCE_VERSION": commit}
    build = codebuild.build(pipeline)
    assert build.succeeded, build.log
    assert set(registry.tags()) == {f"sha-{commit[:12]}"}
    again = codebuild.build(pipeline, ECR_PUSH_VERSION="2.1.0")
    assert again.succeeded, again.log
    assert "2.1.0" in registry.tags()


def test_a_source_without_a_commit_gets_advice_how_to_name_one(
    codebuild: Project, project: GitRepository, registry: Registry
) -> None:
    """CodePipeline does not always give CODEBUILD_RESOLVED_SOURCE_VERSION. Of a source in S3 it is none."""
    commit = project.head
    shutil.rmtree(project.root / ".git")
    in_s3 = {"INITIATOR": "codepipeline/app", "RESOLVED_SOURCE_VERSION": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH"}
    for started in ({"INITIATOR": "codepipeline/app"}, in_s3):
        build = codebuild.build(started)
        assert not build.succeeded
        assert "is not in a git repository" in build.log and "Full clone" in build.log, build.log
        assert not registry.pushed_to
    said = codebuild.build(in_s3, ECR_PUSH_COMMIT=commit)
    assert said.succeeded, said.log
    assert set(registry.tags()) == {f"sha-{commit[:12]}"}


def test_a_docker_server(codebuild: Project, project: GitRepository, registry: Registry) -> None:
    """The engine is another machine's, and is reached by an address: there is no socket in the build."""
    commit = project.commit()
    with forwarded(codebuild.image.get("DOCKER_HOST", "unix:///var/run/docker.sock")) as address:
        codebuild.image["DOCKER_HOST"] = address
        build = codebuild.build(branch("main", commit))
    assert build.succeeded, build.log
    assert build.exported["IMAGE"].endswith(registry.tags()["main"])


def test_what_a_blue_green_deployment_reads_is_one_artifact(
    codebuild: Project, project: GitRepository, registry: Registry
) -> None:
    """The artifacts as docs/codebuild.md shows them, with the task definition that it shows."""
    [artifacts] = [text for _, text in fenced("yaml") if "- taskdef.json" in text]
    [definition] = [text for _, text in fenced("json") if "containerDefinitions" in text]
    commit = project.commit("Deploy", {"taskdef.json": definition, "appspec.yaml": "version: 0.0\n"})
    spec = {**yaml.safe_load(BUILDSPEC), **yaml.safe_load(artifacts)}
    build = codebuild.build(branch("main", commit), text=yaml.safe_dump(spec))
    assert build.succeeded, build.log
    assert set(build.artifacts) == REPORTS | {"imageDetail.json", "taskdef.json", "appspec.yaml"}
    detail = json.loads(build.artifacts["imageDetail.json"])
    deployed = json.loads(
        build.artifacts["taskdef.json"].decode().replace("<IMAGE1_NAME>", detail["ImageURI"])
    )
    assert deployed["containerDefinitions"][0]["image"].endswith(f"@{registry.tags()['main']}")


def test_a_batch_builds_several_images_of_one_source(
    codebuild: Project, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    """As docs/codebuild.md shows it: each task has the same webhook's variables, and its own repository."""
    [batch] = [yaml.safe_load(text) for _, text in fenced("yaml") if text.startswith("batch:")]
    tasks = batch["batch"]["build-list"]
    variables = {task["identifier"]: task["env"]["variables"] for task in tasks}
    for of in variables.values():
        registry.create(of["ECR_PUSH_REPOSITORY"])
    contexts = [of["ECR_PUSH_CONTEXT"] for of in variables.values()]
    files = {f"{context}/{name}": text for context in contexts for name, text in images.CLEAN.items()}
    commit = project.commit("Two images", {**files, **{f"{one}/rootfs/name": one for one in contexts}})
    clones = iter(tmp_path / f"clone-{number}" for number in range(len(tasks)))

    def clone() -> Path:
        folder = next(clones)
        project.git("clone", "--quiet", str(project.root), str(folder))
        return folder

    facts = {f"CODEBUILD_{name}": value for name, value in branch("main", commit).items()}
    builds = run_batch(
        yaml.safe_dump({**yaml.safe_load(BUILDSPEC), **batch}), clone, {**codebuild.image, **facts},
        project=codebuild.variables,
    )  # fmt: skip
    assert len(builds) == 2
    for name, build in builds.items():
        assert build.succeeded, build.log
        repository = variables[name]["ECR_PUSH_REPOSITORY"]
        assert f"/{repository}@" in build.exported["IMAGE"]
        assert build.exported["IMAGE"].endswith(registry.tags(repository)["main"])
        [container] = json.loads(build.artifacts["imagedefinitions.json"])
        assert container["name"] == repository.rpartition("/")[2]


def test_the_fragment_within_a_buildspec_of_ones_own(
    codebuild: Project, project: GitRepository, registry: Registry
) -> None:
    text = with_commands(FRAGMENT, "install", before=["mkdir -p build && cd build", "set -eu"])
    text = with_commands(text, "build", before=["echo own tests", 'cd "$CODEBUILD_SRC_DIR"'])
    text = with_commands(text, "post_build", after=['test -z "$IMAGE" || echo "deploying $IMAGE"'])
    commit = project.commit()
    build = codebuild.build(branch("main", commit), text=text)
    assert build.succeeded, build.log
    assert f"deploying {build.exported['IMAGE']}\n" in build.log
    assert build.exported["IMAGE"].endswith(registry.tags()["main"])
    assert build.reports == {"ecr-push": ["ecr-push.xml"]}


def test_an_image_is_verified_before_it_is_deployed(
    codebuild: Project, project: GitRepository, registry: Registry
) -> None:
    """As docs/verify.md has it, but for the key: an image without a verdict, and one with."""
    [text] = [text for name, text in fenced("yaml") if name == "docs/verify.md" and "DEPLOYED" in text]
    text = text.replace("--sign-key cosign.pub", "--require verdict --allow-unsigned")
    text = text.replace("./deploy", "sh deploy")
    commit = project.commit("Deploys", {"deploy": 'echo "deploying $1"\n'})
    variables = {"DEPLOYED": f"{REPOSITORY}:main"}
    assert codebuild.build(branch("main", commit)).succeeded
    refused = codebuild.build({}, text=text, **variables)
    assert not refused.succeeded and "deploying" not in refused.log, refused.log
    assert "NOT-VERIFIED" in refused.log
    stated = codebuild.build(branch("main", commit), ECR_PUSH_ATTEST_VERDICT="true")
    assert stated.succeeded, stated.log
    verified = codebuild.build({}, text=text, **variables)
    assert verified.succeeded, verified.log
    assert f"deploying {stated.exported['IMAGE']}\n" in verified.log
    assert verified.exported["IMAGE"] == stated.exported["IMAGE"]
