"""The Jenkins library inside docker and Kubernetes agents: real containers, in the ways of the two plugins.

How faithful that is say DockerPipeline.groovy, Pod.groovy and DurableTask.groovy of the harness.
"""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import images
from tests.support.bundles import made_bundle
from tests.support.command_line import shows_a_token
from tests.support.containers import (
    STRANGER,
    Site,
    agent_image,
    bare_image,
    called,
    containers,
    socket_options,
    uv_options,
)
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.jenkins.builds import EXAMPLES, PIPELINES, Built, Scenario, play, released_library
from tests.support.registry import Registry, client_of, remove_images

pytestmark = pytest.mark.usefixtures("engine")

# The image that the examples name.
NAMED = "ghcr.io/acme/agent:1"
HOSTILE_BRANCH = "x\"$(touch pwned)'`touch pwned`\\ $HOME"
# uid:gid of the agent in jenkins/inbound-agent. Without root, the owner of files cannot be changed.
POD_USER = "1000:1000" if os.getuid() == 0 else STRANGER


@dataclass(frozen=True)
class Farm:
    """The registry and what was built into it, by scenario."""

    registry: Registry
    builds: Mapping[str, Built]
    label: str

    def __getitem__(self, name: str) -> Built:
        return self.builds[name]


@pytest.fixture(scope="module")
def farm(client_path: str, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """Every build of this module, played at once."""
    folder = tmp_path_factory.mktemp("containers")
    label = f"ecr-push-test={folder.name}-{os.getpid()}"
    with ExitStack() as undo:
        options = SandboxOptions(region="eu-west-1", account="123456789012", scan_delay=0.0)
        sandbox = undo.enter_context(Sandbox(options))
        gate = undo.enter_context(Gate())
        undo.callback(remove_images, sandbox.host, sandbox.public_host)
        registry = Registry(sandbox, client_of(sandbox, folder / "clients", client_path))
        for name in ("app", "refused", "late", "pod-refused"):
            registry.create(f"team/{name}")
        agent, bare = agent_image(), bare_image(folder / "bare")
        undo.enter_context(called(NAMED, agent))
        released = released_library(folder / "library", made_bundle())
        world = World(folder, sandbox, gate, label, agent, bare, site, released)
        yield Farm(registry, play(world.scenarios(), folder), label)


@dataclass(frozen=True)
class World:
    folder: Path
    sandbox: Sandbox
    gate: Gate
    label: str
    agent: str
    bare: str
    site: Site
    released: Path

    def repository(self, name: str, files: images.Files, version: str) -> GitRepository:
        made = GitRepository.init(self.folder / "repositories" / name)
        made.commit("feat: the first", {**files, "NAME": name})
        made.tag(f"v{version}")
        return made

    def scenario(self, name: str, file: Path, repository: GitRepository, **more: object) -> Scenario:
        keys = {
            "accessKeyVariable": self.sandbox.environment["AWS_ACCESS_KEY_ID"],
            "secretKeyVariable": self.sandbox.environment["AWS_SECRET_ACCESS_KEY"],
        }
        given = {
            "file": file,
            "workspace": self.folder / name / "workspace",
            "repository": f"file://{repository.root}",
            "agent": self.agents_own(),
            "environment": self.builds(),
            "credentials": {"push-team-app": keys},
            "user": STRANGER,
            "pod_user": POD_USER,
            "jnlp": self.bare,
            "container_options": [*self.site.options, *socket_options()],
            "label": self.label,
        }
        return Scenario(**{**given, **more})  # type: ignore[arg-type]

    def agents_own(self) -> dict[str, str]:
        """The environment of the agent's process, which no container gets."""
        engine = {name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ}
        own = {"HOME": str(self.folder), "LC_ALL": "C", "ONLY_THE_AGENTS": "secret"}
        return {"PATH": os.environ["PATH"], **own, **engine}

    def builds(self, *more: str) -> dict[str, str]:
        """Jenkins' variables of the build. more of the sandbox's; its files are not in the containers."""
        names = ("AWS_ENDPOINT_URL", "AWS_EC2_METADATA_DISABLED", "AWS_REGION", *more)
        return {name: self.sandbox.environment[name] for name in names}

    def scenarios(self) -> dict[str, Scenario]:
        clean = self.repository("clean", images.CLEAN, "1.4.2")
        other = self.repository("other", images.CLEAN, "1.5.0")
        vulnerable = self.repository("vulnerable", images.VULNERABLE, "1.1.0")
        late = self.repository("late", images.waiting_for(self.gate.url), "1.0.0")
        keyed = self.builds("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        quick = [*self.site.options, *socket_options(), *uv_options()]

        def ours(name: str, file: str, of: GitRepository, **environment: str) -> Scenario:
            given = {**keyed, "AGENT_IMAGE": self.agent, **environment}
            aborted = "buildx build" if name.endswith("aborted") else ""
            return self.scenario(
                name, PIPELINES / file, of, environment=given, container_options=quick, abort_on=aborted
            )

        hostile = {"REPOSITORY": "team/pod-refused", "BRANCH_NAME": HOSTILE_BRANCH}
        made = (
            # The examples as they stand, with the bundle of a release; the others install with uv.
            self.scenario("docker", EXAMPLES / "docker-agent.Jenkinsfile", clean, library=self.released),
            self.scenario("pod", EXAMPLES / "kubernetes.Jenkinsfile", other, library=self.released),
            ours("refused", "inside-refused.Jenkinsfile", vulnerable),
            ours("bare", "inside.Jenkinsfile", clean, AGENT_IMAGE=self.bare),
            ours("aborted", "inside.Jenkinsfile", late),
            ours("pod-refused", "pod.Jenkinsfile", vulnerable, **hostile),
            ours("pod-aborted", "pod.Jenkinsfile", late, REPOSITORY="team/late"),
        )
        return {one.workspace.parent.name: one for one in made}


def owner(path: Path) -> str:
    status = path.stat()
    return f"{status.st_uid}:{status.st_gid}"


def kept_by(built: Built) -> int:
    """How many files of the bundle the next run finds."""
    return len(list((built.workspace.parent / "workspace@tmp" / "ecr-push" / "kept").iterdir()))


# ------------------------------------------------------------------------- docker agents


def test_a_docker_agent_gets_its_image_accepted(farm: Farm) -> None:
    built = farm["docker"]
    assert (built.result, built.error) == ("SUCCESS", ""), built.log
    assert kept_by(built) == 3
    image = built.image
    assert (image["verdict"], image["version"]) == ("accepted", "1.4.2")
    assert image["digest"] == farm.registry.tags("team/app")["1.4.2"]
    assert built.steps == ["junit", "publishHTML", "recordIssues", "archiveArtifacts"]
    assert built.files("junit")
    # Written by the container's user, which has no name and no home there.
    assert owner(Path(image["result"])) == STRANGER


def test_a_refused_image_is_reported_from_within_a_container(farm: Farm) -> None:
    built = farm["refused"]
    assert built.result == "FAILURE"
    assert "ecrPush: refused " in built.error and built.error.endswith("(exit code 10)"), built.log
    assert farm.registry.released("team/refused") == {}
    assert built.steps == ["junit", "publishHTML", "recordIssues", "archiveArtifacts"]
    assert "CVE-2020-14343" in built.files("recordIssues")["ecr-push-team-refused.sarif"]
    assert ElementTree.fromstring(built.files("junit")["ecr-push-team-refused.xml"]).attrib["failures"] != "0"


def test_a_root_in_the_container_does_not_lock_the_agent_out(farm: Farm) -> None:
    built = farm["refused"]
    assert f"inside: 0 in {built.workspace} with nothing of the agent" in built.log
    (folder,) = (built.workspace.parent / "workspace@tmp" / "ecr-push").iterdir()
    assert owner(folder) == STRANGER
    assert not (folder / "cli").exists()


def test_an_image_without_python_is_an_error_that_says_so(farm: Farm) -> None:
    built = farm["bare"]
    assert built.result == "FAILURE"
    assert "could not install ecr-push on this agent" in built.error
    assert "this agent has no Python 3.10 or later on its PATH" in built.log


# ------------------------------------------------------------------------- Kubernetes agents


def test_a_pods_container_gets_its_image_accepted(farm: Farm) -> None:
    built = farm["pod"]
    assert (built.result, built.error) == ("SUCCESS", ""), built.log
    assert kept_by(built) == 3
    image = built.image
    assert image["digest"] == farm.registry.tags("team/app")["1.5.0"]
    assert f"{image['image']} is 1.5.0" in built.log
    # The container's root wrote it, and the agent, which is another user in another container, published it.
    assert owner(Path(image["result"])).startswith("0:")
    assert owner(Path(image["result"]).parent) == POD_USER
    assert built.steps == ["junit", "publishHTML", "recordIssues", "archiveArtifacts"]
    assert json.loads(built.files("recordIssues")["ecr-push-team-app.sarif"])["version"] == "2.1.0"


def test_a_pods_container_refuses_and_values_arrive_as_they_are(farm: Farm) -> None:
    built = farm["pod-refused"]
    assert "the agent is 1000 with secret" in built.log or os.getuid() != 0
    assert f"in docker: 0 in {built.workspace} with nothing of the agent" in built.log
    assert built.result == "FAILURE"
    refused = re.match(r"ecrPush: refused (\S+@sha256:\w+): .*\(exit code 10\)$", built.error)
    assert refused, built.log
    assert farm.registry.released("team/pod-refused") == {}
    labels = farm.registry.labels(refused[1])
    assert labels["branch"] == HOSTILE_BRANCH
    assert not list(built.workspace.parent.rglob("pwned"))
    assert "CVE-2020-14343" in built.files("recordIssues")["ecr-push-team-pod-refused.sarif"]


# ------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("name", ["aborted", "pod-aborted"])
def test_an_abort_reaches_the_cli_in_its_container(farm: Farm, name: str) -> None:
    built = farm[name]
    assert built.result == "ABORTED", built.log
    assert "INTERRUPTED" in built.log
    assert farm.registry.released("team/late") == {}
    assert 'type="interrupted"' in built.files("junit")["ecr-push-team-late.xml"]
    (folder,) = (built.workspace.parent / "workspace@tmp" / "ecr-push").iterdir()
    assert not (folder / "cli").exists()


def test_no_container_is_left_and_no_log_shows_a_secret(farm: Farm) -> None:
    assert containers(farm.label) == []
    for built in farm.builds.values():
        assert not shows_a_token(built.log)
