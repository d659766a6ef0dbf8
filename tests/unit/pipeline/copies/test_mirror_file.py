from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ecr_push.base.errors import SettingsError
from ecr_push.pipeline.copies.mirror_file import read_mirror_file
from ecr_push.pipeline.copies.model import CopyJob
from ecr_push.registry.destination import Destination, parse_destination


def read(folder: Path, text: str, *to: str) -> tuple[CopyJob, ...]:
    (folder / "mirror.yml").write_text(text)
    return read_mirror_file(folder / "mirror.yml", tuple(map(parse_destination, to)))


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        read(folder, text)
    return [one.removeprefix(f"{folder / 'mirror.yml'}") for one in raised.value.problems]


def test_a_list_as_the_page_shows_it(tmp_path: Path) -> None:
    first, second, third = read(
        tmp_path,
        """\
to: [region=eu-central-1, region=us-east-1]
images:
  - from: docker.io/library/alpine
    tags: ["3.20", "3.2*"]
    repository: base/alpine
    platforms: [linux/amd64, linux/arm64]
  - from: public.ecr.aws/docker/library/node:22-alpine
    repository: base/node
  - from: ghcr.io/acme/tool
    tags: "2.*"
    to: repository=tools/acme,account=222222222222
    move: forward
    referrers: false
""",
    )
    assert first.to == (
        Destination("base/alpine", region="eu-central-1"),
        Destination("base/alpine", region="us-east-1"),
    )
    assert (first.tags, first.platforms) == (("3.20", "3.2*"), ("linux/amd64", "linux/arm64"))
    assert (first.moves, first.referrers) == ("any", True)
    assert first.place.endswith("mirror.yml, line 3: docker.io/library/alpine")
    assert (str(second.source.tag), second.tags) == ("22-alpine", ())
    assert third.to == (Destination("tools/acme", account="222222222222"),)
    assert (third.tags, third.moves, third.referrers) == (("2.*",), "forward", False)


def test_the_callers_destinations_are_in_place_of_the_files_own(tmp_path: Path) -> None:
    text = (
        "to: [region=eu-west-1]\nimages:\n  - from: a.example/b/c:1\n  - {from: a.example/dd:1, to: other}\n"
    )
    first, second = read(tmp_path, text, "region=us-east-1")
    assert (first.to, second.to) == ((Destination(region="us-east-1"),), (Destination("other"),))


def test_without_any_it_is_the_same_name_in_the_own_registry(tmp_path: Path) -> None:
    [job] = read(tmp_path, "images: [{from: docker.io/alpine:3}]")
    assert (job.to, job.source.name) == ((Destination(),), "library/alpine")


def test_every_mistake_is_named_at_once_with_its_line(tmp_path: Path) -> None:
    text = """\
to: [profile=b, regoin=x, Team/App]
imagse: []
images:
  - from: team/app
  - from: Team/app:1
    tag: x
  - tags: [a]
  - from: team/app:1
    tags: ["a b"]
    platforms: linux
    move: forwards
    to: []
    repository: Base
  - word
  - from: team/app:1
    tags: [a]
"""
    found = problems(tmp_path, text)
    for words in (
        ", line 2: 'imagse' is not known; did you mean 'images'?",
        ", line 1: to: 'regoin=x': expected repository=…",
        ", line 1: to: repository: 'Team/App' is not a valid repository name",
        ", line 4: team/app names no tag: add :TAG, or tags",
        ", line 5: from: 'Team/app' is not a valid repository name",
        ", line 6: 'tag' is not known; did you mean 'tags'?",
        ", line 7: names no image: expected `from:`",
        ", line 9: tags: 'a b' is not a tag or a pattern of tags",
        ", line 10: platforms: 'linux' is not OS/ARCH or OS/ARCH/VARIANT",
        ", line 11: move: 'forwards' is not one of never, forward, any; did you mean 'forward'?",
        ", line 12: to: is an empty list",
        ", line 13: repository: 'Base' is not a valid repository name",
        ", line 14: expected `name: value` lines",
        ", line 15: tags: team/app:1 names one image",
    ):
        assert any(one.startswith(words) for one in found), words
    assert len(found) == 14


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ": names no images"),
        ("images: []", ": names no images"),
        ("images: {a: b}", ": names no images"),
        ("images: [", ": is not valid YAML"),
        ("- a", ", line 1: expected `name: value` lines"),
    ],
)
def test_a_file_without_images(tmp_path: Path, text: str, words: str) -> None:
    assert problems(tmp_path, text)[0].startswith(words)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="wrong") as raised:
        read_mirror_file(tmp_path / "none.yml", ())
    assert "cannot be read: No such file" in raised.value.problems[0]


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80) | st.sampled_from(["images: [{from: [a]}]", "images: [[]]", "images: [{}]"]))
def test_any_text_has_an_answer(tmp_path: Path, text: str) -> None:
    try:
        assert read(tmp_path, text)
    except SettingsError as error:
        assert error.problems
    except UnicodeEncodeError:
        pass  # of the test, which writes it
