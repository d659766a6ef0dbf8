"""`--state DIR`: what a restart, or a kill, leaves."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.sandbox.model import Mutability
from ecr_push.sandbox.state import State
from tests.support.sandbox.content import add_blob, add_blobs, digest_of, image, index


def filled(root: Path) -> State:
    state = State(root)
    state.repositories.create(
        "private",
        "team/app",
        mutability=Mutability("IMMUTABLE_WITH_EXCLUSION", ("latest",)),
        resource_tags={"team": "a"},
        lifecycle_text="{}",
    )
    state.repositories.create("public", "app", catalog={"description": "d"})
    state.change_settings(blob_mounting=False, extra={"scanType": "BASIC"})
    add_blobs(state, "team/app", b"one")
    state.images.put("private", "team/app", image(b"one"), tag="1.0")
    state.images.put("private", "team/app", index(image(b"one")), tag="latest")
    return state


def test_a_setting_of_another_version_is_passed_over(tmp_path: Path) -> None:
    filled(tmp_path).close()
    file = tmp_path / "registry.json"
    document = json.loads(file.read_text())
    document["settings"]["chunked_quirk"] = False
    file.write_text(json.dumps(document))
    state = State(tmp_path)
    assert state.settings.blob_mounting is False
    state.close()


def content(state: State) -> object:
    return (
        state.settings,
        state.repositories.all("private"),
        state.repositories.all("public"),
        state.images.all("private", "team/app"),
        state.images.tags("private", "team/app"),
        state.layers.size("private", "team/app", digest_of(b"one")),
    )


def test_a_closed_sandbox_comes_up_as_it_was(tmp_path: Path) -> None:
    before = filled(tmp_path)
    before.images.record_pull("private", "team/app", digest_of(image(b"one")))
    for storage_class in ("ARCHIVE", "STANDARD"):
        before.images.move("team/app", digest_of(image(b"one")), storage_class)
    expected = content(before)
    before.close()
    with closing(State(tmp_path)) as after:
        assert content(after) == expected


def test_a_killed_sandbox_comes_up_consistent(tmp_path: Path) -> None:
    killed = filled(tmp_path)
    expected = content(killed)
    upload = killed.layers.begin("private", "team/app")
    upload.append([b"half a layer"])
    orphan = killed.layers.path(add_blob(killed, "team/app", b"orphan"))
    record = next((tmp_path / "repositories").glob("private_team_app.*.json"))
    document = json.loads(record.read_bytes())
    del document["layers"][digest_of(b"orphan")]  # killed between the blob's file and its record
    record.write_text(json.dumps(document))
    killed._records.close()  # what the kernel does: the lock goes, nothing is saved

    with closing(State(tmp_path)) as after:
        assert content(after) == expected
    assert not orphan.exists()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_names_that_are_longer_than_a_file_name_may_be(tmp_path: Path) -> None:
    state = State(tmp_path)
    names = ["a" * 256, "a" * 255 + "b", "/".join("x" * 128)]
    for name in names:
        state.repositories.create("private", name)
    state.close()
    with closing(State(tmp_path)) as after:
        assert [it.name for it in after.repositories.all("private")] == sorted(names)


def test_two_sandboxes_never_share_a_directory(tmp_path: Path) -> None:
    with closing(State(tmp_path)), pytest.raises(SettingsError, match="another sandbox uses"):
        State(tmp_path)
    State(tmp_path).close()


@pytest.mark.parametrize(
    ("text", "reason"), [("{", "not a valid record of a sandbox"), ('{"format": 99}', "format 99")]
)
def test_a_directory_of_something_else_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    filled(tmp_path).close()
    next((tmp_path / "repositories").glob("*.json")).write_text(text)
    with pytest.raises(SettingsError, match=reason):
        State(tmp_path)


def test_a_file_is_not_a_state_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="expected a directory"):
        State(tmp_path / "file")


@pytest.mark.parametrize(
    "link", ["blobs", "blobs/sha256", "blobs/sha256/ab", "lock", "registry.json", "repositories"]
)
def test_a_state_that_came_with_a_checkout_leads_nothing_outside(
    link: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start empties `lock`, and removes every blob that it does not know."""
    home = tmp_path / "home"
    (home / "ab").mkdir(parents=True)
    for file in (home / "ab" / "file", home / "file"):
        file.write_text("mine")
    root = tmp_path / "checkout" / ".sandbox"
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(home / "file" if link in ("lock", "registry.json") else home)
    monkeypatch.chdir(tmp_path / "checkout")
    with pytest.raises(SettingsError, match="is a symlink, which a sandbox never makes"):
        State(Path(".sandbox"))
    assert sorted(one.name for one in home.rglob("*")) == ["ab", "file", "file"]
    assert {one.read_text() for one in home.rglob("file")} == {"mine"}


def test_the_state_lies_in_the_checkout_or_where_the_users_own_link_leads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("checkout", "home"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "checkout")
    Path(".sandbox").symlink_to("../home")
    with pytest.raises(SettingsError, match="it leads outside the checkout by a symlink"):
        State(Path(".sandbox"))
    assert not list((tmp_path / "home").iterdir())
    (tmp_path / "link").symlink_to("home")
    State(tmp_path / "link").close()
    assert (tmp_path / "home" / "lock").exists()
