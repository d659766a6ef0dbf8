"""Which images have to run, by a history and registries in memory; tests/integration has the real ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.base.reference import Digest, Registry, Tag
from ecr_push.base.reference import Repository as Name
from ecr_push.base.source_name import SourceName
from ecr_push.pipeline.base_images import Answer as Said
from ecr_push.pipeline.images.changed import base_of, changed_since, changed_since_last, unchanged_images
from ecr_push.pipeline.images.wanted import Decision, ImagesFile, Wanted
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.interface import Reader, RegistryImage
from ecr_push.registry.target import RepositoryTarget
from ecr_push.source.git.checkout import Commit
from ecr_push.source.git.command import Answer, GitCommand
from ecr_push.source.head import Head
from ecr_push.tags.labels import BASES_LABEL, bases_text
from tests.support.fakes import START, digest
from tests.support.settings import settings, value

LATEST = "e" * 40
# What each commit changed, the last one first.
HISTORY = {
    LATEST: ["README"],
    "d" * 40: ["services/api/f"],
    "c" * 40: ["ecr-push.yml"],
    "b" * 40: ["libs/x", "services/web/f"],
    "a" * 40: ["services/api/f", "services/web/f"],
}


class Git:
    """Answers as git does about HISTORY. The tree of a commit is called by its digits, reversed."""

    def __init__(self, files: Mapping[str, str] | None = None, tags: Mapping[str, str] | None = None) -> None:
        self.files, self.tags = files or {}, tags or {}

    def stream(self, *arguments: str) -> Iterator[str]:
        yield from (f"{commit} {commit[0] * 39}0" for commit in HISTORY)

    def ask(self, *arguments: str, stdin: str = "") -> Answer:
        if arguments[0] == "merge-base":
            known = arguments[-2] in HISTORY
            return Answer(0 if known else 1, f"{arguments[-2]}\n" if known else "", "")
        text = self.files.get(arguments[-1][0])
        return Answer(0 if text is not None else 128, text or "", "")

    def run(self, *arguments: str, stdin: str = "") -> Answer:
        if arguments[0] == "for-each-ref":  # an annotated tag, and one that is not
            own, peeled = "0" * 40, ""
            lines = [
                f"{own} {of} {tag}" if "rc" in tag else f"{of} {peeled} {tag}"
                for tag, of in self.tags.items()
            ]
            return Answer(0, "\n".join(lines), "")
        if arguments[0] == "rev-parse":
            return Answer(0, f"{arguments[-1][0] * 39}0\n", "")
        found = ""
        for line in stdin.splitlines():
            old, new = (tree[0] for tree in line.split(" "))
            since = [files for commit, files in HISTORY.items() if old < commit[0] <= new]
            found += f"{line}\n" + "".join(f"{one}\0" for files in since for one in files)
        return Answer(0, found, "")


class Repository:
    """A repository by its tags, in the order of their images' pushes; None for one that is not there."""

    def __init__(
        self,
        tags: Mapping[str, Digest] | None,
        labels: Mapping[str, str] | None = None,
        labels_of: Mapping[Digest, Mapping[str, str]] | None = None,
        name: str = "team/api",
    ) -> None:
        self._tags, self._labels, self._labels_of = tags, labels or {}, labels_of or {}
        self._name = name
        self.read = 0

    def locate(self) -> Name:
        return Name(Registry.parse("127.0.0.1:5000"), self._name)

    def images(self) -> tuple[RegistryImage, ...]:
        tags = self._tags or {}
        names = {of: frozenset(tag for tag in tags if tags[tag] == of) for of in tags.values()}
        return tuple(
            RegistryImage(of, names[of], START + timedelta(minutes=at)) for at, of in enumerate(names)
        )

    def tagged(self) -> Mapping[str, Digest]:
        if self._tags is None:
            raise AwsRefusedError("RepositoryNotFoundException", "no", "ecr:ListImages")
        return self._tags

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        return {tag: self._tags[tag.name] for tag in tags if tag.name in (self._tags or {})}

    def manifest(self, one: Digest) -> Digest:
        return one

    def labels(self, one: Digest) -> Mapping[str, str]:
        self.read += 1
        return self._labels_of.get(one, self._labels)


@dataclass
class World:
    repositories: dict[str, Repository] = field(default_factory=dict)
    git: Git = field(default_factory=Git)
    tags: tuple[str, ...] = ()
    branch: str = ""
    dirty: tuple[str, ...] = ()
    contents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    bases: Mapping[str, Said] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    @property
    def head(self) -> Head:
        built = Commit(LATEST, ("d" * 40,), datetime(2026, 1, 1, tzinfo=timezone.utc), "x")
        return Head(cast(GitCommand, self.git), built, LATEST, self.branch, self.dirty, self.tags)

    @property
    def file(self) -> ImagesFile:
        return ImagesFile("ecr-push.yml", lambda text: self.contents)

    def open(self, target: RepositoryTarget) -> Reader:
        return cast(Reader, self.repositories[target.name])

    def decide(self, one: Wanted) -> Decision:
        (found,) = self.decide_all([one])
        return found

    def decide_all(self, wanted: Sequence[Wanted]) -> list[Decision]:
        return changed_since_last(wanted, self.head, self.file, self.open, self.look_up, self.warned.append)

    def look_up(self, images: Iterable[SourceName]) -> Mapping[SourceName, Said]:
        self.asked += map(str, images)
        return {SourceName.parse(name): self.bases[name] for name in self.asked}


def wanted(name: str = "api", paths: tuple[str, ...] = ("services/api",), **options: Any) -> Wanted:
    given = settings(repository=f"team/{name}", region="eu-west-1", **options)
    return Wanted(name, paths, {"build_args": ("A=1",)}, lambda: given)


def tagged(*names: str, **labels: str) -> Repository:
    return Repository({name: digest("1") for name in names}, labels)


@pytest.mark.parametrize(
    ("there", "paths", "changed", "why"),
    [
        (("sha-dddddddddddd", "main"), ("services/api",), False, "team/api:sha-dddddddddddd has it"),
        (("sha-eeeeeee",), ("services/api",), False, "team/api:sha-eeeeeee has it"),
        # The newest counts, whatever else there is.
        (("sha-aaaaaaaaaaaa", "sha-dddddddddddd"), ("services/api",), False, "sha-dddddddddddd has it"),
        (("sha-cccccccccccc",), ("services/api",), True, "services/api/f changed since cccccccccccc"),
        (("sha-aaaaaaaaaaaa",), ("services/web", "libs"), True, "libs/x and 1 more changed since aaaaaaaaa"),
        (("sha-bbbbbbbbbbbb",), ("services/web", "libs"), False, "sha-bbbbbbbbbbbb has it"),
        (("sha-dddddddddddd",), (), True, "README changed since dddddddddddd"),
        (("sha-dddddddddddd",), ("READ",), False, "has it"),
        (("sha-dddddddddddd",), ("README",), True, "README changed"),
        (("sha-dddddddddddd",), ("README/of-a-submodule",), True, "README changed"),
        (("sha-ffffffffffff",), ("services/api",), True, "team/api has no image of this history"),
        ((), ("services/api",), True, "team/api has no image"),
    ],
)
def test_an_image_is_compared_with_its_own_last_one(
    there: tuple[str, ...], paths: tuple[str, ...], changed: bool, why: str
) -> None:
    found = World({"team/api": tagged(*there)}, contents=SAME).decide(wanted(paths=paths))
    assert found.changed == changed and why in found.why
    assert bool(found.tag) != changed


def test_of_a_repository_with_several_images_no_tag_says_whose_it_is() -> None:
    """The other image was accepted at this commit; this one was refused, say."""
    one = replace(wanted(), shares=True)
    world = World({"team/api": tagged("sha-eeeeeeeeeeee", "latest")})
    assert world.decide(one).why == "team/api has other images too: its last one is not known"
    [(tag, why)] = unchanged_images([one], world.head, world.file, world.open)
    assert not tag and "other images" in why


def test_a_repository_that_is_not_there_has_no_image() -> None:
    assert World({"team/api": Repository(None)}).decide(wanted()).why == "team/api has no image"


def test_what_is_not_committed_counts() -> None:
    world = World({"team/api": tagged("sha-dddddddddddd")}, dirty=("services/api/g",))
    assert world.decide(wanted()).why == "services/api/g changed since dddddddddddd"


def test_an_image_whose_tags_are_those_of_rules_is_found_by_its_labels() -> None:
    labels = {"org.opencontainers.image.revision": "d" * 40}
    world = World({"team/api": Repository({"latest": digest("1"), "v1": digest("1")}, labels)})
    assert world.decide(wanted()).tag == "latest"
    labels["ecr-push.commit"] = "c" * 40
    assert world.decide(wanted()).changed


# Since b the file changed, too: it says what it said before.
SAME = {"api": {"build_args": ("A=1",)}}


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ({"api": {"build_args": ("A=1",)}}, ""),
        ({"api": {"build_args": ("A=0",)}}, "its build-args changed in ecr-push.yml since bbbbbbbbbbbb"),
        ({"api": {}}, "its build-args changed"),
        ({"api": {"build_args": ("A=1",), "target": "x"}}, "its target changed"),
        ({}, "ecr-push.yml did not list it in bbbbbbbbbbbb"),
    ],
)
def test_what_the_file_says_of_an_image_counts_and_nothing_else_of_it(
    before: Mapping[str, Mapping[str, Any]], why: str
) -> None:
    world = World({"team/api": tagged("sha-bbbbbbbbbbbb")}, contents=before)
    found = world.decide(wanted(paths=("services/web",)))
    assert found.changed == bool(why) and why in found.why
    # Where the whole checkout counts, the file counts as what it says.
    whole = world.decide(wanted(paths=()))
    assert whole.why.startswith(("README", "services/api/f"))


@pytest.mark.parametrize(
    ("tags", "there", "why"),
    [
        (("api/v1.2.3",), ("sha-dddddddddddd",), "the git tag api/v1.2.3 is not released"),
        (("api/v1.2.3",), ("sha-dddddddddddd", "1.2.3"), ""),
        (("v1.2.3", "web/v1.0.0", "api/next"), ("sha-dddddddddddd",), ""),
    ],
)
def test_a_version_that_git_has_and_the_registry_has_not(
    tags: tuple[str, ...], there: tuple[str, ...], why: str
) -> None:
    world = World({"team/api": tagged(*there)}, tags=tags)
    found = world.decide(wanted(tag_prefix="api/"))
    assert found.changed == bool(why) and why in found.why


@pytest.mark.parametrize(
    ("there", "options", "changed"),
    [
        ({"sha-eeeeeeeeeeee": 1, "main": 1}, {}, False),
        ({"sha-eeeeeeeeeeee": 1, "main": 2}, {}, True),
        ({"sha-eeeeeeeeeeee": 1}, {}, True),
        ({"sha-eeeeeeeeeeee": 1}, {"floating_tags": "latest"}, False),
        ({"sha-dddddddddddd": 1, "main": 2}, {}, False),
    ],
)
def test_the_image_of_this_very_commit_that_another_branch_built(
    there: Mapping[str, int], options: Mapping[str, str], changed: bool
) -> None:
    repository = Repository({name: digest(str(number)) for name, number in there.items()})
    found = World({"team/api": repository}, branch="main").decide(wanted(**options))
    assert found.changed == changed
    assert not changed or "main does not name it" in found.why


@pytest.mark.parametrize(
    ("there", "built_for", "options", "changed"),
    [
        ({"sha-dddddddddddd": 1, "main": 2, "feature": 1}, "feature", {}, True),
        ({"sha-dddddddddddd": 1, "main": 1, "feature": 1}, "feature", {}, False),
        # Rolled back; a branch that has just begun; an image of another tool.
        ({"sha-dddddddddddd": 1, "main": 2}, "main", {}, False),
        ({"sha-dddddddddddd": 1, "feature": 1}, "feature", {}, False),
        ({"sha-dddddddddddd": 1, "main": 2}, "", {}, False),
        ({"sha-dddddddddddd": 1, "main": 2, "feature": 1}, "feature", {"floating_tags": "latest"}, False),
        ({"sha-dddddddddddd": 1, "main": 2, "feature": 1}, "feature", {"naming": "metadata-action"}, False),
    ],
)
def test_an_image_that_another_branch_built_before_it_was_merged_and_that_no_run_here_has_released(
    there: Mapping[str, int], built_for: str, options: Mapping[str, str], changed: bool
) -> None:
    tags = {name: digest(str(number)) for name, number in there.items()}
    repository = Repository(tags, {"ecr-push.branch": built_for})
    found = World({"team/api": repository}, branch="main").decide(wanted(**options))
    assert found.changed == changed
    assert not changed or found.why == (
        "sha-dddddddddddd was built for the branch feature: main does not name it"
    )


@pytest.mark.parametrize(
    ("there", "options", "behind"),
    [
        ({"1.2.3": 1, "1.2": 1, "1": 1, "latest": 1}, {}, ""),
        ({"1.2.3": 1}, {}, "1.2"),
        ({"1.2.3": 1, "1.2.2": 2, "1.2": 2, "1": 2, "latest": 2}, {}, "1.2"),
        ({"1.2.3": 1, "1.2": 1, "1": 1, "latest": 2}, {}, "latest"),
        ({"1.2.3": 1, "1.2": 2, "latest": 2}, {"floating_tags": "latest"}, "latest"),
        ({"1.2.3": 1}, {"floating_tags": "none"}, ""),
        # Those of a higher version do not move.
        ({"1.2.3": 1, "1.2": 1, "1": 2, "latest": 2, "1.3.0": 2}, {}, ""),
        ({"1.2.3": 1, "1.2": 2, "1": 3, "latest": 3, "2.0.0": 3}, {}, "1.2"),
        ({"1.2.3": 1, "1.2": 1, "1": 1, "latest": 1}, {"to": "team/copy"}, "other repositories"),
    ],
)
def test_a_release_of_this_very_commit_that_stopped_on_the_way(
    there: Mapping[str, int], options: Mapping[str, str], behind: str
) -> None:
    tags = {name: digest(str(number)) for name, number in {"sha-eeeeeeeeeeee": 1, **there}.items()}
    given = {name: value(name, [text] if name == "to" else text) for name, text in options.items()}
    found = World({"team/api": Repository(tags)}, tags=("v1.2.3",)).decide(wanted(**given))
    assert found.changed == bool(behind) and behind in found.why


def test_a_commit_to_compare_with_asks_no_registry() -> None:
    images = [wanted(), wanted("web", ("services/web",))]
    api, web = changed_since("c" * 40, images, World().head, World().file)
    assert api.why == "services/api/f changed since cccccccccccc" and not web.changed
    tagged_here = World(tags=("v1.0.0",))
    _, web = changed_since("c" * 40, images, tagged_here.head, tagged_here.file)
    assert web.why == "the git tag v1.0.0 is on this commit"


def test_a_commit_that_is_not_there() -> None:
    assert base_of("c" * 40, World().head) == "c" * 40
    with pytest.raises(SettingsError, match="--since nowhere"):
        base_of("nowhere", World().head)
    assert base_of("", World().head) == ""


NODE, GO = "docker.io/library/node:22", "docker.io/library/go:latest"
OLD, NEW = digest("old"), digest("new")
API, WEB = "127.0.0.1:5000/team/api", "127.0.0.1:5000/team/web"


def from_bases(
    folder: Path, text: str, name: str = "api", needs: Sequence[str] = (), **options: Any
) -> Wanted:
    """An image of the file with this Dockerfile, of which git says that nothing changed."""
    context = folder / name
    context.mkdir()
    (context / "Dockerfile").write_text(text)
    one = wanted(name, **{"follow_bases": True, **options})
    given = replace(one.settings, source=replace(one.settings.source, context=str(context)))
    return replace(one, read=lambda: given, needs=dict.fromkeys(needs, ""))


def built_from(name: str = "team/api", **bases: Digest) -> Repository:
    known = {"node": NODE, "go": GO, "api": API}
    label = bases_text({known[key]: of for key, of in bases.items()})
    return Repository({"sha-dddddddddddd": digest(name)}, {BASES_LABEL: label}, name=name)


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ({"node": OLD}, NEW, "its base image node:22 moved since sha-dddddddddddd"),
        ({"node": NEW}, NEW, ""),
        # What is not known is not held against the image.
        ({}, NEW, ""),
        ({"node": OLD}, "HTTP 429", ""),
    ],
)
def test_a_base_image_that_moved_makes_an_image_due(
    tmp_path: Path, was: Mapping[str, Digest], now: Said, why: str
) -> None:
    world = World({"team/api": built_from(**was)}, contents=SAME, bases={NODE: now})
    found = world.decide(from_bases(tmp_path, "FROM node:22\n"))
    assert (found.changed, found.why) == (bool(why), why or "team/api:sha-dddddddddddd has it")
    unknown = [] if isinstance(now, Digest) else [f"base image {NODE} is not compared: HTTP 429"]
    assert world.warned == unknown and world.asked == [NODE]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (f"FROM node@{OLD}\nFROM scratch\n", {}),
        ("FROM node:22\n", {"follow_bases": False}),
        ("FROM node:22\n", {"image": "app:1"}),
    ],
)
def test_an_image_without_bases_to_follow_costs_no_request(
    tmp_path: Path, text: str, options: Mapping[str, Any]
) -> None:
    repository = built_from(node=OLD)
    world = World({"team/api": repository}, contents=SAME, bases={NODE: NEW})
    assert not world.decide(from_bases(tmp_path, text, **options)).changed
    assert world.asked == [] and repository.read == 0


@pytest.mark.parametrize(
    ("api", "web", "due"),
    [
        ({"node": NEW}, {"api": digest("team/api")}, ["", ""]),
        (
            {"node": OLD},
            {"api": digest("team/api")},
            [
                "its base image node:22 moved since sha-dddddddddddd",
                "api, which it needs, is built again: its base image node:22 moved since sha-dddddddddddd",
            ],
        ),
        # The one that it needs was built again, and its own run came to nothing.
        ({"node": NEW}, {"api": OLD}, ["", "api, which it needs, was built again since sha-dddddddddddd"]),
    ],
)
def test_an_image_follows_the_base_images_of_those_that_it_needs(
    tmp_path: Path, api: Mapping[str, Digest], web: Mapping[str, Digest], due: Sequence[str]
) -> None:
    there = {"team/api": built_from(**api), "team/web": built_from("team/web", **web)}
    world = World(there, contents={**SAME, "web": SAME["api"]}, bases={NODE: NEW})
    images = [
        from_bases(tmp_path, "FROM api\n", "web", ["api"]),
        from_bases(tmp_path, "FROM node:22\n"),
    ]
    of_web, of_api = world.decide_all(images)
    assert [one.why if one.changed else "" for one in (of_api, of_web)] == due


@pytest.mark.parametrize(
    ("floating", "current"),
    [
        ({"main": "2"}, "2"),
        ({"main": "1"}, "1"),  # as after a rollback, or where the base moved back
        ({"latest": "1", "main": "2"}, "2"),
        ({"sha-ddddddd": "1", "main": "2"}, "2"),  # as a rule names the commit
        ({}, "2"),
    ],
)
def test_of_several_builds_of_a_commit_the_one_counts_that_floating_tags_name(
    tmp_path: Path, floating: Mapping[str, str], current: str
) -> None:
    builds = {"1": "sha-dddddddddddd", "2": "sha-dddddddddddd-0a1b2c3d"}
    tags = {name: digest(of) for of, name in builds.items()}
    tags |= {"1.4.3-dev.5": digest("1"), **{name: digest(of) for name, of in floating.items()}}
    labels = {digest(of): {BASES_LABEL: bases_text({NODE: digest(of)})} for of in builds}
    repository = Repository(tags, labels_of=labels)
    world = World({"team/api": repository}, contents=SAME, bases={NODE: digest(current)})
    image, tag = from_bases(tmp_path, "FROM node:22\n"), builds[current]
    assert world.decide(image) == Decision("api", False, f"team/api:{tag} has it", tag)
    assert unchanged_images([image], world.head, world.file, world.open) == [(tag, "")]


@pytest.mark.parametrize(
    ("tag", "there", "note"),
    [
        ("v1.2.3", (), ", but the git tag v1.2.3 is not released: run at that commit, dddddddddddd"),
        (
            "v1.3.0-rc.1",
            (),
            ", but the git tag v1.3.0-rc.1 is not released: run at that commit, dddddddddddd",
        ),
        ("v1.2.3", ("1.2.3",), ""),
        ("web/v1.2.3", (), ""),
    ],
)
def test_a_release_that_stopped_at_an_earlier_commit_is_said_and_not_built_here(
    tag: str, there: Sequence[str], note: str
) -> None:
    repository = tagged("sha-dddddddddddd", *there)
    world = World({"team/api": repository}, git=Git(tags={tag: "d" * 40}), contents=SAME)
    found = world.decide(wanted())
    assert (found.changed, found.why) == (False, f"team/api:sha-dddddddddddd has it{note}")
