"""The run of an image takes the lines that its command hands to it for those of ecr-push.yml."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.settings.file import entries_of
from ecr_push.settings.images.content import content_of
from ecr_push.settings.images.handed_over import HandedOver, hand_over, handed_over
from ecr_push.settings.images.repositories import concerned, repositories
from ecr_push.settings.load import load
from ecr_push.settings.sources import HANDED_OVER, Sources, read_sources, with_file
from ecr_push.source.git.checkout import Seen
from tests.support.odd_files import odd

SEEN = Seen(Path("/checkout"), "4f1e2d3c", ("a b", "ü\\xff"))

# Of `api`: what it needs, by two steps; what shares a repository with one of these; what has nothing to do
# with it, before and between them.
FILE = """\
region: eu-west-1
platform: &both [linux/amd64, linux/arm64]
path: libs
images:
  other:
    context: images/other
    repository: team/other
  base:
    context: images/base
    repository: team/base
    label: {a: b}

  # Of the base, for those who build.
  tools:
    repository: team/tools
    dockerfile: tools.Dockerfile
    needs: {base: BASE}
    policy: tools-policy.yml
  slim:
    context: images/slim
    repository: team/tools
    tags: type=sha
    needs: unrelated
  unrelated:
    context: images/unrelated
    repository: team/unrelated
    platform: *both
  api:
    context: services/api
    repository: team/api
    tag-prefix: api/
    platform: *both
    needs: [tools]
    path: [proto]
    build-arg:
      - |
        A=1
        2
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    checkout = tmp_path / "checkout"
    (checkout / ".git").mkdir(parents=True)
    (checkout / "ecr-push.yml").write_text(FILE)
    (tmp_path / "private").mkdir()
    monkeypatch.chdir(checkout)
    return tmp_path / "private"


def handed(name: str, folder: Path, context: str = ".") -> str:
    """The file that a command for all images in that directory writes for one of them."""
    given = with_file(read_sources({"all_images": True, "context": context}, {}))
    images = concerned(name, given.needs, repositories(given.file or {}, given.images))
    path = folder / f"{name}.json"
    assert hand_over(HandedOver(given.entries, SEEN), name, images, Path(given.path), path)
    return str(path)


def read(name: str, lines: str = "", **flags: object) -> Sources:
    return with_file(read_sources({"only": (name,), **flags}, {HANDED_OVER: lines}))


def known(sources: Sources, names: object = None) -> object:
    """All that is known of an image, its places too; only what is said of the images in names."""
    assert sources.root
    images = {name: one for name, one in sources.images.items() if names is None or name in names}
    own = replace(sources, root=None, entries=(), handed="", seen=None, images=images)
    return own, [content_of(sources.root.file or {}, one) for one in images.values()]


@pytest.mark.parametrize("name", ["other", "base", "tools", "slim", "unrelated", "api"])
def test_the_settings_are_those_of_the_file(name: str, folder: Path) -> None:
    by_hand, lines = read(name, region="us-east-1"), handed(name, folder)
    Path("ecr-push.yml").write_text("it is not read: [")
    run = read(name, lines, region="us-east-1")
    assert run.image == name and run.seen == SEEN and known(run) == known(by_hand, run.images)
    of_run, of_hand = load(run, "run"), load(by_hand, "run")
    assert of_run.problems == of_hand.problems == () and of_run.about_file == of_hand.about_file
    assert run.root and by_hand.root
    for one in (name, *run.needs[name]):
        assert run.counted_paths(one) == by_hand.counted_paths(one)
        assert (one in run.sharing) == (one in by_hand.sharing)
        assert known(run.root.of_image(one)) == known(by_hand.root.of_image(one), run.images)


def test_what_is_handed_over_is_what_concerns_the_image(folder: Path) -> None:
    assert [*read("api", handed("api", folder)).images] == ["base", "tools", "slim", "unrelated", "api"]
    assert [*read("other", handed("other", folder)).images] == ["other"]


def test_the_lines_are_checked_as_those_of_the_file(folder: Path) -> None:
    lines = Path(handed("other", folder))
    document = json.loads(lines.read_text())
    outside = {"name": "dockerfile", "line": 7, "node": {"line": 7, "text": "/etc/passwd", "plain": True}}
    profile = {"name": "profile", "line": 8, "node": {"line": 8, "text": "mine", "plain": True}}
    own = document["entries"][3]["node"]["entries"][0]["node"]["entries"]
    own += [outside, profile]
    lines.write_text(json.dumps(document))
    problems = load(read("other", str(lines)), "run").problems
    assert len(problems) == 2
    assert "ecr-push.yml, line 7, images.other.dockerfile: /etc/passwd is outside the checkout" in problems[0]
    assert "ecr-push.yml, line 8, images.other.profile: is not allowed in this file" in problems[1]


def test_another_image_or_another_file_is_read_as_ever(folder: Path) -> None:
    lines = handed("other", folder)
    assert read("api", lines).image == "api", "the lines are for another image"
    beside = Path("beside")
    beside.mkdir()
    (beside / "ecr-push.yml").write_text("images:\n  other:\n    repository: team/beside\n")
    found = read("other", lines, context="beside")
    assert str(found.settings().registry.repository) == "team/beside"
    assert len(with_file(read_sources({"only": ("other", "api")}, {HANDED_OVER: lines})).images) == 6
    assert read("other", str(folder / "gone.json")).image == "other"


def test_a_directory_is_the_same_by_each_of_its_names(folder: Path) -> None:
    Path("sub").mkdir()
    lines = handed("other", folder, context="sub/../")
    assert handed_over(Path(lines), Path.cwd() / "ecr-push.yml", "other")


@given(data=st.data())
def test_any_text_has_an_answer(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """None, or lines: the caller checks these as it checks any."""
    path, file = tmp_path_factory.mktemp("odd") / "handed", Path("/checkout/ecr-push.yml")
    assert hand_over(HandedOver(entries_of(FILE, file), SEEN), "api", {"api"}, file, path)
    path.write_bytes(data.draw(odd(path.read_bytes())))
    found = handed_over(path, file, "api")
    assert found is None or all(one.line >= 0 for one in found.entries)
