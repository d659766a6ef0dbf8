from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.settings.load import load
from ecr_push.settings.sources import Sources, read_sources, with_file
from tests.support.settings import value_of

FILE = """\
region: eu-west-1
platform: linux/arm64
path: libs
images:
  base:
    context: images/base
    repository: team/base
  api:
    context: services/api
    repository: team/api
    tag-prefix: api/
    platform: [linux/amd64, linux/arm64]
    needs: [base]
    path: [proto]
  tools:
    repository: team/tools
    dockerfile: tools.Dockerfile
    path: tools
    needs: {api: API_IMAGE}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "ecr-push.yml").write_text(FILE)
    return tmp_path


def read(**flags: object) -> Sources:
    return with_file(read_sources(flags, {}))


def problems(file: str, **flags: object) -> tuple[str, ...]:
    Path("ecr-push.yml").write_text(file)
    return load(read(**flags), "run").problems


def test_an_image_has_its_own_settings_and_those_for_all(folder: Path) -> None:
    settings = load(read(only=("api",)), "run").settings
    assert settings.registry.repository == "team/api" and settings.registry.region == "eu-west-1"
    assert settings.builder.platforms == ("linux/amd64", "linux/arm64")
    assert settings.source.context == "services/api" and settings.source.tag_prefix == "api/"
    assert load(read(only=("base",)), "run").settings.builder.platforms == ("linux/arm64",)


def test_a_flag_goes_before_the_lines_of_an_image(folder: Path) -> None:
    settings = load(read(only=("api",), region="us-east-1", repository="other/api"), "run").settings
    assert (settings.registry.region, settings.registry.repository) == ("us-east-1", "other/api")


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("base", ("images/base", "libs")),
        # The Dockerfile and its .dockerignore are in the context; what the base is made of counts too.
        ("api", ("services/api", "proto", "libs", "images/base")),
        # A context that is the whole checkout counts for as much as the paths that are named say.
        (
            "tools",
            (
                *("tools.Dockerfile", "tools.Dockerfile.dockerignore", "tools", "libs"),
                *("services/api", "proto", "images/base"),
            ),
        ),
    ],
)
def test_what_counts_for_an_image(name: str, paths: tuple[str, ...], folder: Path) -> None:
    assert load(read(only=(name,)), "run").settings.source.paths == paths


def test_a_context_of_the_whole_checkout_counts_as_such(folder: Path) -> None:
    one = "  one:\n    context: a\n    repository: b\n    needs: all\n"
    Path("ecr-push.yml").write_text("images:\n  all:\n    repository: team/all\n" + one)
    assert load(read(only=("all",)), "run").settings.source.paths == ()
    assert load(read(only=("one",)), "run").settings.source.paths == ()


def test_one_word_is_an_image_where_the_file_here_lists_it(folder: Path) -> None:
    found = read(context=("api",))
    assert found.image == "api" and found.settings().source.context == "services/api"
    assert read(context="./api").settings().source.context == "./api"
    (folder / "services").mkdir()
    assert read(context="services").settings().images.only == ()
    assert read(context="apii").settings().images.only == ("apii",), "misspelt, and not a directory"


def test_several_words_are_images(folder: Path) -> None:
    assert read(context=("api", "base")).settings().images.only == ("api", "base")


def test_all_mistakes_in_all_images_at_once(folder: Path) -> None:
    found = problems(
        """\
images:
  api:
    context: ../outside
    repository: team/api
    platfrom: linux/amd64
    fail-on: hgih
    needs: [bse]
  base:
    repository: team/base
    profile: mine
    needs: {api: 1x}
  Web:
    repository: team/web
  base:
    repository: x
  job: yes
""",
        only=("api",),
    )
    text = "\n".join(found)
    for mistake in (
        "ecr-push.yml, line 3, images.api.context: ../outside is outside the checkout",
        "line 5: there is no setting 'images.api.platfrom'; did you mean 'platform'?",
        "line 6, images.api.fail-on: 'hgih' is not a severity",
        "line 2, images.api.needs: there is no image 'bse'; did you mean 'base'?",
        "line 10, images.base.profile: is not allowed in this file",
        "line 11, images.base.needs: api: expected the name of a build argument",
        "line 12: 'Web' is not a name for an image",
        "line 14: there are two images 'base': see ecr-push.yml, line 8",
        "line 16, images.job: expected 'name: value' lines",
    ):
        assert mistake in text, text
    assert len(found) == 9, "each once"


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("images: [api]", "line 1, images: expected 'name:' lines"),
        ("images:\n  a:\n    needs: b\n  b:\n    needs: a\n", "need each other in a circle: a -> b -> a"),
        ("images:\n  a:\n    context: https://example.com/a.git\n", "expected a folder of the checkout"),
        ("images:\n  a:\n    context: [a]\n", "expected a folder, relative to this file"),
        ("images:\n  a:\n    needs: [[b]]\n", "expected names of images"),
        (
            "images:\n  a:\n    repository: x/y\n  b:\n    repository: x/y\n",
            "line 4, images.b: it goes to x/y, as a does, and both would get the same tags",
        ),
        ("imags:\n  a:\n    repository: x/y\n", "did you mean 'images'?"),
    ],
)
def test_mistakes(file: str, problem: str, folder: Path) -> None:
    found = problems(file, only=("a",))
    assert any(problem in one for one in found), found


def test_two_images_of_one_repository_that_name_their_tags(folder: Path) -> None:
    tags = "    flavor: prefix={0}-\n"
    file = "repository: team/all\nimages:\n" + "".join(f"  {one}:\n{tags.format(one)}" for one in "ab")
    assert not [one for one in problems(file, only=("a",)) if "same tags" in one]


def test_a_setting_that_is_missing_names_the_image(folder: Path) -> None:
    (problem,) = problems("images:\n  a:\n    context: a\n", only=("a",))
    assert problem.startswith("ecr-push.yml, line 2, images.a: --repository: is required")


def test_a_file_without_images_is_read_as_before(folder: Path) -> None:
    Path("ecr-push.yml").write_text("repository: team/app\n")
    found = load(read(), "run")
    assert not found.problems and value_of(found.settings, "repository") == "team/app"


def test_a_policy_of_an_image_is_a_file(folder: Path) -> None:
    """What reads the policy in ecr-push.yml finds the one at its top, which would judge this image too."""
    [problem] = problems("images:\n  api:\n    repository: a/b\n    policy: {fail-on: low}\n", only=("api",))
    assert problem.startswith("ecr-push.yml, line 4, images.api.policy: expected a file: ")
    assert not problems("images:\n  api:\n    repository: a/b\n    policy: strict.yml\n", only=("api",))


def test_images_of_one_repository_are_known(folder: Path) -> None:
    file = "".join(
        f"  {name}: {{repository: team/{to}, tags: type=sha}}\n" for name, to in ("ax", "bx", "cy")
    )
    Path("ecr-push.yml").write_text(f"images:\n{file}")
    assert read(all_images=True).sharing == {"a", "b"}
