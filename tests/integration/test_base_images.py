"""Base images from elsewhere whose tags move: which images are built again, and what becomes of the tags."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from tests.support import images
from tests.support.command_line import CommandLine, Ended
from tests.support.git_repository import GitRepository
from tests.support.registry import Registry

FILE = """\
region: us-east-1
create-repository: yes
images:
  api:
    context: services/api
    repository: team/api
    tag-prefix: api/
  web:
    context: services/web
    repository: team/web
    tag-prefix: web/
    needs: [api]
  still:
    context: services/still
    repository: team/still
"""


def push_base(registry: Registry, folder: Path, content: str) -> str:
    """Moves mirror/os:12 to an image with these release notes. Returns its digest."""
    layer = folder / "layer.tar"
    files = {name.removeprefix("rootfs/"): text for name, text in images.DEBIAN.items()}
    with tarfile.open(layer, "w") as archive:
        for name, text in {**files, "etc/notes": content}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    name = f"{registry.sandbox.host}/mirror/os:12"
    registry.client.ask("crane", "append", "--new_layer", str(layer), "--new_tag", name)
    registry.client.ask("crane", "mutate", name, "--tag", name, "--set-platform", "linux/amd64")
    return registry.client.ask("crane", "digest", name)


def statuses(ended: Ended) -> dict[str, str]:
    return {one["name"]: one["status"] for one in ended.document["images"]}


@pytest.mark.usefixtures("engine")
def test_a_base_that_moved_makes_another_build_of_the_same_commit(
    cli: CommandLine, registry: Registry, tmp_path: Path
) -> None:
    registry.create("mirror/os")
    base = f"{registry.sandbox.host}/mirror/os"
    first_base = push_base(registry, tmp_path, "first")
    project = GitRepository.init(tmp_path / "mono")
    files = {
        "services/api/Dockerfile": f"ARG OS={base}:12\nFROM $OS AS os\nFROM os\nCOPY f /api\n",
        "services/web/Dockerfile": "FROM api\nCOPY f /web\n",
        "services/still/Dockerfile": f"FROM {base}@{first_base}\nCOPY f /still\n",
    }
    for name in ("api", "web", "still"):
        files[f"services/{name}/f"] = name
    project.commit("First", {"ecr-push.yml": FILE, **files})
    project.tag("api/v1.4.2")
    commit = f"sha-{project.head[:12]}"

    first = cli.run(project.root, "--changed")
    assert first.code == 0, first.stderr
    assert set(statuses(first).values()) == {"accepted"}
    # Built from the digest that the label has, wherever the tag is by then.
    assert f"[context {base}:12] load metadata for {base}@{first_base}" in first.stderr
    api, web = registry.released("team/api"), registry.released("team/web")
    assert set(api) == {commit, "1.4.2", "1.4", "1", "latest"} and len({*api.values()}) == 1
    again = cli.run(project.root, "--changed")
    assert set(statuses(again).values()) == {"unchanged"}, again.stderr

    second_base = push_base(registry, tmp_path, "second")
    moved = cli.run(project.root, "--changed")
    assert moved.code == 0, moved.stderr
    assert statuses(moved) == {"api": "accepted", "web": "accepted", "still": "unchanged"}
    assert f"api: its base image {base}:12 moved since {commit}" in moved.stderr
    # What never moves stays with the first image, and the new one has a tag of its own that never moves.
    now = registry.released("team/api")
    (own,) = set(now) - set(api)
    new = now[own]
    assert own.startswith(f"{commit}-") and new != api[commit]
    assert now == {**api, own: new, "1.4": new, "1": new, "latest": new}
    labels = registry.labels(f"{registry.sandbox.host}/team/api@{new}")
    assert labels["ecr-push.bases"] == f"{base}:12@{second_base}"
    assert b"second" in registry.files(f"{registry.sandbox.host}/team/web:main").values()
    assert registry.released("team/web")[commit] == web[commit]

    puts = registry.asked("PutImage")
    third = cli.run(project.root, "--changed")
    assert set(statuses(third).values()) == {"unchanged"}, third.stderr
    # A run that does not follow them finds the first image, and moves nothing back to it.
    kept = cli.run(project.root, "--only", "api", "--no-follow-bases")
    assert kept.code == 0 and kept.digest == api[commit] and kept.tags["latest"] == "kept", kept.stderr
    assert registry.asked("PutImage") == puts and registry.released("team/api") == now
