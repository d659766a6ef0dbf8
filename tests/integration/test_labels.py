"""The labels that an image has in the registry: its own, the Dockerfile's, and none of its base image's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Client, Registry

pytestmark = pytest.mark.usefixtures("engine")

PREFIX = "org.opencontainers.image."
STANDARD = (
    *("authors", "base.digest", "base.name", "created", "description", "documentation", "licenses"),
    *("ref.name", "revision", "source", "title", "url", "vendor", "version"),
)
ODD = "A \"quoted\" shop, with 'both', a\nline break, = and ${HOME} $HOME `id` %{x} \\ ünïcode"


@pytest.fixture
def base(client: Client, tmp_path: Path) -> Iterator[str]:
    """An image that has every standard label, those of ecr-push, and one of its own."""
    keys = (
        *(PREFIX + key for key in STANDARD),
        "ecr-push.branch",
        "ecr-push.commit",
        "ecr-push.built-from",
        "own",
    )
    folder = tmp_path / "base"
    folder.mkdir()
    labels = " ".join(f"{key}=base" for key in keys)
    (folder / "Dockerfile").write_text(f"FROM scratch\nCOPY Dockerfile /\nLABEL {labels}\n")
    name = f"ecr-push-test/{uuid4().hex}:base"
    client.ask("docker", "buildx", "build", "--quiet", "--load", f"--tag={name}", str(folder))
    yield name
    client.ask("docker", "image", "rm", "--force", name)


def shown(registry: Registry, image: str) -> dict[str, str]:
    """The standard labels, by the ends of their names."""
    labels = registry.labels(image)
    return {key.removeprefix(PREFIX): value for key, value in labels.items() if key.startswith(PREFIX)}


@pytest.fixture(params=["buildx", "bake", "engine"])
def more(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Options that choose a way to build."""
    if request.param == "engine":
        request.getfixturevalue("without_buildx")
    return ("--build-arg", "X=1") if request.param == "bake" else ()


@pytest.mark.parametrize("strategy", ["tag", "describe"])
def test_no_label_is_the_base_images(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    base: str,
    more: tuple[str, ...],
    strategy: str,
) -> None:
    registry.create()
    project.commit("On a base", {"Dockerfile": f"FROM {base}\nARG X\nCOPY rootfs /\n"})
    run = cli.run(project.root, "-r", REPOSITORY, "--version-strategy", strategy, *more)
    assert run.code == 0, run.stderr
    labels = shown(registry, run.image)
    known = {"created", "revision", "title", *(["version"] if strategy == "describe" else [])}
    assert {key for key, value in labels.items() if value} == known
    assert "base" not in labels.values()
    assert labels.keys() == set(STANDARD)
    all_of_them = registry.labels(run.image)
    assert all_of_them["own"] == "base"
    assert [all_of_them[f"ecr-push.{key}"] for key in ("branch", "commit", "built-from")] == [
        "main",
        project.head,
        "",
    ]


def test_the_dockerfiles_own_labels_stay(
    cli: CommandLine, project: GitRepository, registry: Registry, base: str, more: tuple[str, ...]
) -> None:
    registry.create()
    project.git("remote", "add", "origin", "https://example.com/team/app.git")
    own = "title=Shop licenses=MIT url=https://shop.example.com vendor=$VENDOR version=9 revision=9 source=9"
    labels = " \\\n  ".join(f"{PREFIX}{pair}" for pair in own.split())
    project.commit(
        "Labels",
        {
            "Dockerfile": f"FROM {base} AS lower\nARG X VENDOR=Acme\nLABEL {labels}\n"
            "FROM lower\nCOPY rootfs /\n"
        },
    )
    run = cli.run(project.root, "-r", REPOSITORY, "--label", f"{PREFIX}licenses=0BSD", *more)
    assert run.code == 0, run.stderr
    found = shown(registry, run.image)
    assert {key: found[key] for key in ("title", "licenses", "url", "vendor", "authors")} == {
        "title": "Shop",
        "licenses": "0BSD",
        "url": "https://shop.example.com",
        "vendor": "Acme",
        "authors": "",
    }
    # What the build is of, the Dockerfile cannot know.
    assert (found["version"], found["revision"], found["source"]) == (
        "1.4.3-dev.1",
        project.head,
        "https://example.com/team/app",
    )


def test_odd_values_arrive_as_they_are(
    cli: CommandLine, project: GitRepository, registry: Registry, more: tuple[str, ...]
) -> None:
    registry.create()
    odd = {"odd": ODD, "a": 'b,c="d"', "empty": "", "b": "=x="}
    given = [word for key, value in odd.items() for word in ("--label", f"{key}={value}")]
    run = cli.run(project.root, "-r", REPOSITORY, *given, *more)
    assert run.code == 0, run.stderr
    labels = registry.labels(run.image)
    assert {key: labels[key] for key in odd} == odd
