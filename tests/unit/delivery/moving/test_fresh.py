"""What a repository that has no pipeline gets."""

from __future__ import annotations

import contextlib
import shlex
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.yaml_tree import YamlError
from ecr_push.delivery.moving.found import find
from ecr_push.delivery.moving.fresh.own_settings import OwnSettings, own_settings
from ecr_push.delivery.moving.fresh.plan import fresh_files
from ecr_push.delivery.moving.fresh.wanted import repository_name, wanted_of
from ecr_push.delivery.moving.model import NotMovedError, Wish

WORKFLOW = ".github/workflows/image.yml"


def test_images_with_tags_of_their_own_keep_their_prefixes() -> None:
    found = find(("api/Dockerfile", "web/Dockerfile"), ("api/v1.2.3", "web/v0.1.0"), "trunk")
    files = fresh_files(found, Wish("team", "eu-west-1"), "github").files
    assert 'branches: [trunk]\n    tags: ["*/v*"]\n' in files[WORKFLOW]
    assert "    tag-prefix: web/\n" in files["ecr-push.yml"]


def test_images_of_one_name_are_named_by_their_paths() -> None:
    found = find(("api/Dockerfile", "old/api/Dockerfile", "web/Dockerfile"), ())
    wanted = wanted_of(found, Wish("team"))
    assert [one.repository for one in wanted.images] == ["team/api", "team/web", "team/old-api"]


def test_one_prefix_and_a_scheme_are_settings() -> None:
    found = find(("Dockerfile",), ("rel-2026.11.1", "2026.11.2", "2026.12.1"))
    fresh = fresh_files(found, Wish("team/app"), "github")
    assert "version-scheme: YYYY.0M.MICRO\n" in fresh.files["ecr-push.yml"]
    assert 'tags: ["[0-9]*"]' in fresh.files[WORKFLOW]
    assert any("observe: true" in step for step in fresh.steps)
    gated = fresh_files(found, Wish("team/app", gate=True), "github")
    assert "observe" not in gated.files[WORKFLOW] + " ".join(gated.steps)


def test_without_a_dockerfile_there_is_nothing_to_build() -> None:
    with pytest.raises(NotMovedError, match="there is no Dockerfile here"):
        fresh_files(find((), ()), Wish(), "github")


@pytest.mark.parametrize(
    ("folder", "name"), [("My Shop", "my-shop"), ("a__b", "a-b"), ("", "app"), ("é", "app")]
)
def test_a_folders_name_becomes_a_repositorys(folder: str, name: str) -> None:
    assert repository_name(folder) == name


HOSTILE = ("x'; sh(\"id\"); '$(id)`id`", "a b: #c", "-rf", "a\\", "${{ github.token }}", 'q"uote')


def test_names_of_folders_are_text_wherever_they_stand() -> None:
    """A pull request can name a folder as it likes, and what is written here runs with credentials."""
    broken = ("a\npolicy: {}/Dockerfile", "b\x1b[31m/Dockerfile", "c\x85/Dockerfile")
    paths = ("ok/Dockerfile", *(f"{one}/Dockerfile" for one in HOSTILE), *broken)
    tags = ("v1.2.3", "$(id)/v1.2.3", "`id`v1.2.4", '"]/v2.0.0')
    found = find(paths, tags, 'x"]; run: id')
    assert found.default_branch == "main" and found.releases.example == "v1.2.3"
    files = {ci: fresh_files(found, Wish("team"), ci).files for ci in ("github", "jenkins", "codebuild")}
    images = yaml.safe_load(files["github"]["ecr-push.yml"])["images"]
    contexts = {"ok", *HOSTILE}
    assert {one["context"] for one in images.values()} == contexts
    written = [one for one in files["jenkins"]["Jenkinsfile"].splitlines() if "context: " in one]
    shown = {one.strip().removeprefix("context: '").removesuffix("',") for one in written}
    assert shown == {one.replace("\\", "\\\\").replace("'", "\\'") for one in contexts}
    commands = yaml.safe_load(files["codebuild"]["buildspec.yml"])["phases"]["build"]["commands"]
    ran = [shlex.split(one)[lexed.index("run") + 1] for one in commands if (lexed := shlex.split(one))]
    assert {one.replace("\\$", "$").replace("\\`", "`") for one in ran} == {"./-rf", *contexts - {"-rf"}}


@pytest.mark.parametrize("images", ["", "images:\n  api: {}\n  web: {}\n"])
def test_settings_that_are_there_are_not_written_again(images: str) -> None:
    settings = own_settings(f"repository: team/a\nregion: eu-west-3\n{images}")
    assert (settings.repository, settings.region) == ("team/a", "eu-west-3")
    found = find(("a/Dockerfile", "b/Dockerfile", "c/Dockerfile"), ("api/v1.0.0",))
    for ci, path in {"github": WORKFLOW, "jenkins": "Jenkinsfile", "codebuild": "buildspec.yml"}.items():
        fresh = fresh_files(found, Wish(), ci, settings=settings)
        assert list(fresh.files) == [path]
        text = fresh.files[path]
        assert not any(one in text for one in ("team/a", "eu-west-3", "Dockerfile"))
        if images and ci == "github":
            assert "command: matrix" in text and 'tags: ["*/v*"]' in text
        elif images:
            named = text.replace("--only ", "only: ").replace("'", "")
            assert "only: api" in named and "only: web" in named
        else:
            assert "only:" not in text and "--only" not in text


@pytest.mark.parametrize("name", ["a'); sh('id", "$(id)", "a b", '"]', "A"])
def test_names_of_images_that_are_none_go_into_no_file(name: str) -> None:
    with pytest.raises(ValueError, match="is not a name for an image"):
        own_settings(yaml.safe_dump({"images": {"ok": {}, name: {}}}))


@pytest.mark.parametrize("name", ["1.10", "1234e56", "012345678901", "0x1f", "0X1F", "0o17", ".5", ".inf"])
def test_a_branch_that_yaml_reads_as_a_number_is_a_name(name: str) -> None:
    text = fresh_files(find(("Dockerfile",), (), name), Wish(), "github").files[WORKFLOW]
    # YAML 1.2 has more numbers than Python's reader.
    assert f'branches: ["{name}"]' in text
    assert yaml.safe_load(text)[True]["push"]["branches"] == [name]


@given(st.text())
def test_any_settings_have_an_answer(text: str) -> None:
    with contextlib.suppress(YamlError, ValueError):
        assert isinstance(own_settings(text), OwnSettings)


def test_what_is_missing_and_what_else_is_there_is_said_first() -> None:
    found = find(("Dockerfile", ".github/workflows/test.yml", "ci/Jenkinsfile"), ())
    assert found.ci == "github"
    first, *_ = fresh_files(found, Wish(), "github").steps
    assert first == "there are files of jenkins too: `--ci jenkins` writes one for that instead"
    first, *_ = fresh_files(replace(found, has_history=False), Wish(), "jenkins").steps
    assert first.startswith("put the folder under git (`git init`)")


def test_who_may_assume_the_role_is_named_where_the_remote_says_it() -> None:
    found = replace(find(("Dockerfile",), ("v1.0.0",), "trunk"), remote="acme/shop")
    command = "`ecr-push iam trust github acme/shop --branch trunk --tag 'v*'`"
    assert any(command in one for one in fresh_files(found, Wish(), "github").steps)
