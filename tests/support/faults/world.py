"""One cell's world: an ECR, a checkout with a remote, an earlier release, and a run that can be stopped."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from ecr_push.sandbox.scenario import parse_scenario
from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import images
from tests.support.command_line import PROGRAM
from tests.support.faults.engine import LosableEngine
from tests.support.faults.judge import Expected, Registry
from tests.support.faults.run import REPOSITORY, FullPipe, Run
from tests.support.faults.shim import GitShim
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.registry import remove_images

# What is attached to an image: a statement as it is; with a signature its kind is that of its predicate.
STATEMENT = "application/vnd.in-toto+json"
SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
VERDICT = "https://github.com/ecr-push/ecr-push/verdict/v1"
_PASSWORD = "dummy-password-of-a-key"
FLOATING = ("1.4", "1", "latest")
EARLIER, VERSION = "1.4.2", "1.4.3"


@dataclass(frozen=True)
class Template:
    """A release of EARLIER as a real run left it: the registry's state, the checkout and its remote. `folder`
    is copied for each cell."""

    folder: Path

    @classmethod
    def made_in(cls, folder: Path) -> Template:
        project = GitRepository.init(folder / "app")
        project.commit("feat: first", images.CLEAN)
        project.tag(f"v{EARLIER}")
        project.git("init", "--quiet", "--bare", str(folder / "remote.git"))
        with Sandbox(SandboxOptions(scan_delay=0.0, state_dir=folder / "state")) as sandbox:
            world = World(folder, sandbox)
            project.git("push", "--quiet", "--set-upstream", "origin", "main", "--tags")
            ended = world.start().end()
            assert ended.code == 0, ended.stderr
            remove_images(sandbox.host)
        project.commit("fix: second")
        project.git("push", "--quiet", "origin", "main")
        shutil.rmtree(folder / "run")
        return cls(folder)


class World:
    """What a cell acts on. folder has `app`, `remote.git` and `state`."""

    def __init__(
        self,
        folder: Path,
        sandbox: Sandbox,
        program: Sequence[str] = (str(PROGRAM),),
        clients: str = os.environ["PATH"],
    ) -> None:
        """clients: the PATH with cosign."""
        self.folder = folder
        self.sandbox = sandbox
        self.program = tuple(program)
        self.clients = clients
        self.project = GitRepository(folder / "app", commits=2)
        self.remote = folder / "remote.git"
        own = folder / "run"
        for name in ("tmp", "runtime", "home"):
            (own / name).mkdir(parents=True, mode=0o700)
        self.shim = GitShim(own / "bin")
        self.engine: LosableEngine | None = None
        self.options: tuple[str, ...] = ()
        self.always: tuple[str, ...] = ()
        self.attached: frozenset[str] = frozenset()
        self.copy: Sandbox | None = None
        self.gate: Gate | None = None
        self.before = Registry()
        self._stdout: FullPipe | None = None
        self.environ = {
            **{name: os.environ[name] for name in ("DOCKER_HOST", "PYTHONPATH") if name in os.environ},
            **sandbox.environment,
            "PATH": f"{self.shim.folder}:{os.environ['PATH']}",
            "HOME": str(own / "home"),
            "TMPDIR": str(own / "tmp"),
            "XDG_RUNTIME_DIR": str(own / "runtime"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "LC_ALL": "C.UTF-8",
        }
        remote = ("set-url" if "origin" in self.project.git("remote").split() else "add", "origin")
        self.project.git("remote", *remote, str(self.remote))
        self._undo = contextlib.ExitStack()
        self._session = boto3.Session(
            sandbox.environment["AWS_ACCESS_KEY_ID"], sandbox.environment["AWS_SECRET_ACCESS_KEY"]
        )
        self.ecr: Any = self._ecr_of(sandbox)

    def _ecr_of(self, sandbox: Sandbox) -> Any:
        return self._session.client(
            "ecr",
            endpoint_url=sandbox.url,
            region_name=sandbox.options.region,
            config=Config(retries={"total_max_attempts": 1}),
        )

    def give_to_another(self) -> Sandbox:
        """Each run gives its image to a registry of another account, too; its profile is `copy`."""
        made = self.copy = self._undo.enter_context(Sandbox(SandboxOptions(account="2" * 12)))
        profiles = []
        for name, of in (("default", self.sandbox), ("profile copy", made)):
            keys = of.environment
            profiles += [f"[{name}]", f"endpoint_url = {of.url}", f"region = {keys['AWS_REGION']}"]
            profiles += [
                f"{key.lower()} = {keys[key]}" for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
            ]
        config = self.folder / "run" / "aws"
        config.write_text("\n".join(profiles))
        del self.environ["AWS_ENDPOINT_URL"]  # it would be that of each profile
        self.environ.update(AWS_CONFIG_FILE=str(config), AWS_SHARED_CREDENTIALS_FILE=str(config))
        self.always += ("--to", "profile=copy")
        return made

    def state_verdicts(self) -> None:
        """Each run attaches a statement of its verdict to the image."""
        self.always += ("--attest-verdict",)
        self.attached = frozenset({STATEMENT})

    def sign(self) -> None:
        """Each run signs its image and the statement of its verdict with a key."""
        folder = self.folder / "run" / "key"
        folder.mkdir()
        self.environ.update(COSIGN_PASSWORD=_PASSWORD, PATH=f"{self.shim.folder}:{self.clients}")
        environ = {**self.environ, "HOME": str(folder)}
        subprocess.run(
            ["cosign", "generate-key-pair"], cwd=folder, env=environ, check=True, capture_output=True
        )
        self.always += ("--attest-verdict", "--sign", "cosign", "--sign-key", str(folder / "cosign.key"))
        self.attached = frozenset({SIGNATURE, VERDICT})

    def play(self, scenario: str, at: Sandbox | None = None) -> None:
        (at or self.sandbox).faults.play(parse_scenario(scenario))

    def lose_the_engine(self) -> None:
        """Puts a socket before the engine, which `engine.cut` closes."""
        self.engine = LosableEngine(self.folder / "engine.sock")
        self.environ["DOCKER_HOST"] = f"unix://{self.engine.path}"

    def open_gate(self) -> None:
        """A web server that holds its answers back until `calm`."""
        self.gate = self._undo.enter_context(Gate())

    def block_stdout(self) -> None:
        """No one reads the next run's standard output until `calm`."""
        self._stdout = FullPipe()

    @property
    def has_result(self) -> bool:
        return any((self.folder / "run").glob("*.json"))

    def session_keys(self) -> Mapping[str, str]:
        """The credentials of a role's session of an hour."""
        sts = self._session.client("sts", endpoint_url=self.sandbox.url, region_name="us-east-1")
        role = f"arn:aws:iam::{self.sandbox.options.account}:role/deploy"
        keys: Mapping[str, str] = sts.assume_role(RoleArn=role, RoleSessionName="run")["Credentials"]
        return keys

    def start(self) -> Run:
        self.before = self.look()
        stdout, self._stdout = self._stdout, None
        return Run(self, self.options, stdout)

    def close(self) -> None:
        self.calm()
        if self.engine:
            self.engine.cut()
        self._undo.close()
        remove_images(self.sandbox.host)

    def calm(self) -> None:
        """Nothing fails any more, and what is held goes on."""
        for one in (self.sandbox, self.copy):
            if one:
                self.play("{}", one)
        self.shim.release()
        if self.gate:
            self.gate.open()

    def look(self, *, closely: bool = False) -> Registry:
        """The repository as boto3 sees it; closely: with what is attached to its images."""
        return _look(self.ecr, closely=closely)

    def look_at_copies(self) -> tuple[Registry, ...]:
        """The other repositories that the image is for."""
        return (_look(self._ecr_of(self.copy), closely=True),) if self.copy else ()

    def git_tags(self) -> dict[str, str]:
        if not self.remote.exists():
            return {}
        listed = self.project.git("ls-remote", "--tags", str(self.remote))
        found = (line.split("\t") for line in listed.splitlines())
        named = {name.removeprefix("refs/tags/"): commit for commit, name in found}
        return {name: named.get(f"{name}^{{}}", commit) for name, commit in named.items() if "^" not in name}

    def expected(self, codes: Sequence[int], *, removed: bool = False, undone: bool = False) -> Expected:
        tag = (f"v{VERSION}", self.project.head)
        return Expected(frozenset(codes), VERSION, FLOATING, tag, self.look(), removed, undone, self.attached)


def _look(ecr: Any, *, closely: bool) -> Registry:
    """closely: also what is attached to its images, and whether all that they name is there."""
    try:
        pages = list(ecr.get_paginator("describe_images").paginate(repositoryName=REPOSITORY))
    except ClientError as error:
        assert error.response["Error"]["Code"] == "RepositoryNotFoundException", error
        return Registry()
    found = [image for page in pages for image in page["imageDetails"]]
    tags = {tag: image["imageDigest"] for image in found for tag in image.get("imageTags", ())}
    images = frozenset(image["imageDigest"] for image in found)
    if not closely:
        return Registry(tags, images)
    attached = {digest: _attached_to(ecr, digest) for digest in {*tags.values()}}
    return Registry(tags, images, attached, frozenset(one for one in attached if _is_broken(ecr, one)))


def _attached_to(ecr: Any, digest: str) -> tuple[str, ...]:
    """The kinds of an image's referrers: of a statement, the type of its predicate."""
    asked = ecr.list_image_referrers(repositoryName=REPOSITORY, subjectId={"imageDigest": digest})
    found = []
    for one in asked["referrers"]:
        notes = one.get("annotations", {})
        kinds = [
            text for name, text in notes.items() if name.lower().endswith(("predicatetype", "predicate-type"))
        ]
        found += kinds or [one["artifactType"]]
    return tuple(sorted(found))


def _is_broken(ecr: Any, digest: str) -> bool:
    """Whether an image, or one of an index, names a layer or an image that is not there."""
    asked = ecr.batch_get_image(repositoryName=REPOSITORY, imageIds=[{"imageDigest": digest}])
    if not asked["images"]:
        return True
    manifest = json.loads(asked["images"][0]["imageManifest"])
    layers = [one["digest"] for one in (manifest.get("config"), *manifest.get("layers", ())) if one]
    if layers:
        there = ecr.batch_check_layer_availability(repositoryName=REPOSITORY, layerDigests=layers)["layers"]
        if [one for one in there if one.get("layerAvailability") != "AVAILABLE"] or len(there) < len(
            {*layers}
        ):
            return True
    return any(_is_broken(ecr, one["digest"]) for one in manifest.get("manifests", ()))


@contextlib.contextmanager
def world_of(
    template: Template,
    folder: Path,
    program: Sequence[str] = (str(PROGRAM),),
    clients: str = os.environ["PATH"],
) -> Any:
    """A world of a cell's own."""
    shutil.copytree(template.folder, folder, symlinks=True)
    options = SandboxOptions(scan_delay=0.0, state_dir=folder / "state")
    with Sandbox(options) as sandbox:
        world = World(folder, sandbox, program, clients)
        try:
            yield world
        finally:
            world.close()
