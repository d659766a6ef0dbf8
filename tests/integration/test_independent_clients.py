"""buildah, podman and skopeo sync against the sandbox, each as it is used without us.

Others, which are larger to install, are in clients/: `make test-clients` runs those.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecr_push.sandbox.model import Mutability
from ecr_push.sandbox.server import Sandbox
from tests.support.independent_clients import Program
from tests.support.registry import Client, Registry


@pytest.fixture
def tools(sandbox: Sandbox, client_path: str, tmp_path: Path) -> Iterator[Program]:
    """The programs, with images and a login file of their own, logged in as ECR's documentation says."""
    store = tmp_path / "store.conf"
    places = f'graphroot = "{tmp_path}/images"\nrunroot = "{tmp_path}/run"\n'
    store.write_text(f'[storage]\ndriver = "vfs"\n{places}')
    more = {
        "CONTAINERS_STORAGE_CONF": str(store),
        "BUILDAH_ISOLATION": "chroot",
        "REGISTRY_AUTH_FILE": str(tmp_path / "auth.json"),
    }
    work = tmp_path / "work"
    work.mkdir()
    tools = Program(sandbox, work, f"{client_path}:/usr/sbin", more)
    for program in ("buildah", "podman", "skopeo"):
        login = f"{program} login --tls-verify=false --username AWS --password-stdin {sandbox.host}"
        tools.ask("sh", "-c", f"aws ecr get-login-password | {login}")
    yield tools
    subprocess.run(("umount", tmp_path / "images" / "vfs"), capture_output=True, check=False)


def build(tools: Program, name: str, text: str, arch: str = "amd64") -> None:
    """An image of one file, made by buildah's own steps."""
    (tools.folder / "note").write_text(text)
    made = tools.ask("buildah", "from", "--arch", arch, "scratch").strip()
    tools.ask("buildah", "copy", made, "note", "/note")
    tools.ask("buildah", "config", "--label", f"note={text}", "--arch", arch, made)
    tools.ask("buildah", "commit", "--rm", made, name)


def test_buildah_pushes_a_list_and_podman_pulls_from_it(
    tools: Program, sandbox: Sandbox, client: Client, registry: Registry
) -> None:
    registry.create("team/list")
    image = f"{sandbox.host}/team/list:1.0"
    tools.ask("buildah", "manifest", "create", image)
    for arch in ("amd64", "arm64"):
        build(tools, f"localhost/{arch}", f"for {arch}", arch)
        tools.ask("buildah", "manifest", "add", "--arch", arch, image, f"localhost/{arch}")
    plain = "--tls-verify=false"
    tools.ask(
        "buildah", "manifest", "push", "--all", plain, "--digestfile", "digest", image, f"docker://{image}"
    )
    digest = (tools.folder / "digest").read_text().strip()
    assert client.ask("crane", "digest", image) == digest
    [index] = [
        one
        for one in json.loads(
            client.ask("aws", "ecr", "describe-images", "--repository-name", "team/list", "--output", "json")
        )["imageDetails"]
        if one.get("imageTags")
    ]
    assert (index["imageDigest"], index["imageTags"]) == (digest, ["1.0"])
    for arch in ("amd64", "arm64"):
        tools.ask("podman", "pull", "--quiet", plain, "--arch", arch, image)
        [shown] = json.loads(tools.ask("podman", "image", "inspect", image))
        assert (shown["Architecture"], shown["Labels"]["note"]) == (arch, f"for {arch}")
        tools.ask("podman", "rmi", "--force", image)


def test_podman_pushes_what_ecr_refuses_and_what_it_takes(
    tools: Program, sandbox: Sandbox, client: Client, registry: Registry
) -> None:
    """A missing repository, and an immutable tag."""
    build(tools, "localhost/app", "one")
    missing, image = f"{sandbox.host}/team/none:1.0", f"{sandbox.host}/team/app:1.0"
    push = ("podman", "push", "--tls-verify=false")
    with pytest.raises(
        AssertionError, match="name unknown: The repository with name 'team/none' does not exist"
    ):
        tools.ask(*push, "localhost/app", missing)
    registry.create("team/app", mutability=Mutability("IMMUTABLE"))
    tools.ask(*push, "localhost/app", image)
    digest = client.ask("crane", "digest", image)
    build(tools, "localhost/app", "two")
    with pytest.raises(AssertionError, match=r"tag invalid: The image tag '1.0' already exists"):
        tools.ask(*push, "localhost/app", image)
    assert client.ask("crane", "digest", image) == digest


def test_skopeo_syncs_repositories_both_ways(
    tools: Program, sandbox: Sandbox, client: Client, registry: Registry
) -> None:
    for name in ("team/app", "mirror/app", "back/app"):
        registry.create(name)
    build(tools, "localhost/app", "one")
    for tag in ("1.0", "1.1", "edge"):
        source = f"{sandbox.host}/team/app:{tag}"
        tools.ask("buildah", "push", "--tls-verify=false", "localhost/app", f"docker://{source}")
    wanted = {"tls-verify": False, "images-by-tag-regex": {"team/app": "^1\\."}}
    (tools.folder / "sync.yml").write_text(json.dumps({sandbox.host: wanted}))
    to = ("--dest-tls-verify=false",)
    tools.ask(
        *("skopeo", "sync", "--src", "yaml", "--dest", "docker"), *to, "sync.yml", f"{sandbox.host}/mirror"
    )
    assert sorted(client.ask("crane", "ls", f"{sandbox.host}/mirror/app").split()) == ["1.0", "1.1"]
    tools.ask(
        *("skopeo", "sync", "--src", "docker", "--dest", "dir", "--src-tls-verify=false"),
        *(f"{sandbox.host}/team/app", "kept"),
    )
    tools.ask(
        *("skopeo", "sync", "--src", "dir", "--dest", "docker", "--dest-tls-verify=false"),
        *("kept", f"{sandbox.host}/back"),
    )
    digest = client.ask("crane", "digest", f"{sandbox.host}/team/app:1.0")
    assert {
        client.ask("crane", "digest", f"{sandbox.host}/back/app:{tag}") for tag in ("1.0", "1.1", "edge")
    } == {digest}
