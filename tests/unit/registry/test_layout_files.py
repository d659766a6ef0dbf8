"""OCI layouts of other jobs: whole ones are read, broken and hostile ones are refused in words."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.fences import Fences
from ecr_push.registry import oci_layout
from ecr_push.registry.layout_files import opened_layout
from ecr_push.registry.oci_layout import LayoutError
from tests.support.layouts import IMAGE, INDEX, LayoutFolder, archived


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LayoutFolder:
    """A layout in a checkout."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return LayoutFolder(tmp_path / "layout")


def read(path: Path, which: str = "") -> tuple[list[str], dict[str, int]]:
    """The digests of the manifests, in the order in which they are pushed, and the blobs with their bytes."""
    with opened_layout(f"oci:{path}{which}", Fences.of(".")) as layout:
        layout.verify()
        return [one.digest.value for one in layout.manifests], {
            blob.digest.value: blob.size for blob in layout.blobs
        }


def problems(path: Path, which: str = "") -> str:
    with pytest.raises(LayoutError) as caught:
        read(path, which)
    return "; ".join(caught.value.problems)


@pytest.mark.parametrize("prefix", ["", "./"])
def test_a_folder_and_an_archive_are_the_same_image(prefix: str, made: LayoutFolder) -> None:
    one, two = made.image("one"), made.image("two")
    whole = made.index(one, two)
    folder = made.finish(whole)
    manifests, blobs = read(folder)
    assert manifests == [one["digest"], two["digest"], whole["digest"]]
    assert sorted(blobs.values())[-2:] == [3000, 3000] and len(blobs) == 4
    assert read(archived(folder, prefix)) == (manifests, blobs)


def test_one_of_several_images_is_named(made: LayoutFolder) -> None:
    one, two = made.image("one", annotations={"org.opencontainers.image.ref.name": "1.4"}), made.image("two")
    folder = made.finish(one, two, {**one, "annotations": {}})
    assert "it holds 2 images: give one of them behind an @: sha256:" in problems(folder)
    assert read(folder, "@1.4")[0] == [one["digest"]]
    assert read(folder, f"@{two['digest']}")[0] == [two["digest"]]
    assert "its index.json names no image 1.5; it has" in problems(folder, "@1.5")


def layer_of(made: LayoutFolder, image: Any) -> Any:
    return json.loads(made.path(image["digest"]).read_text())["layers"][0]


def cut(made: LayoutFolder) -> Any:
    """A manifest that is longer than its descriptor says."""
    return {**made.image(), "size": 7}


def other_content(made: LayoutFolder) -> Any:
    image = made.image()
    layer = layer_of(made, image)
    made.path(layer["digest"]).write_bytes(b"x" * layer["size"])
    return image


def without_layer(made: LayoutFolder) -> Any:
    image = made.image()
    made.path(layer_of(made, image)["digest"]).unlink()
    return image


def grown_layer(made: LayoutFolder) -> Any:
    image = made.image()
    with made.path(layer_of(made, image)["digest"]).open("ab") as file:
        file.write(b"more")
    return image


def other_manifest(made: LayoutFolder) -> Any:
    image = made.image()
    made.path(image["digest"]).write_bytes(b" " * image["size"])
    return image


def link_out(made: LayoutFolder) -> Any:
    image = made.image()
    path = made.path(layer_of(made, image)["digest"])
    path.unlink()
    path.symlink_to("/etc/passwd")
    return image


def a_path_as_digest(made: LayoutFolder) -> Any:
    return {**made.image(), "digest": "sha256:../../../../etc/passwd"}


def a_path_as_layer(made: LayoutFolder) -> Any:
    layer = {"mediaType": IMAGE, "digest": "../../etc/passwd", "size": 1}
    return made.document({"mediaType": IMAGE, "config": made.blob(b"{}", IMAGE), "layers": [layer]}, IMAGE)


def huge(made: LayoutFolder) -> Any:
    image = made.image()
    with made.path(image["digest"]).open("r+b") as file:
        file.truncate(1 << 40)
    return image


def deep(made: LayoutFolder) -> Any:
    image = made.image()
    for _ in range(oci_layout.DEEPEST + 2):
        image = made.index(image)
    return image


def negative(made: LayoutFolder) -> Any:
    return {**made.image(), "size": -1}


def not_json(made: LayoutFolder) -> Any:
    return made.blob(b"{]", IMAGE)


def an_artifact(made: LayoutFolder) -> Any:
    return made.blob(b"{}", "application/spdx+json")


def two_sizes(made: LayoutFolder) -> Any:
    one = json.loads(made.path(made.image()["digest"]).read_text())
    other = {**one, "layers": [{**one["layers"][0], "size": 7}]}
    return made.index(made.document(one, IMAGE), made.document(other, IMAGE))


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        (cut, "bytes, and its descriptor says 7"),
        (other_content, "has another content than its digest says"),
        (without_layer, "is missing"),
        (grown_layer, "has 3004 bytes, and its manifest says 3000"),
        (other_manifest, "has other bytes than its digest"),
        (link_out, "it leads outside the checkout by a symlink"),
        (a_path_as_digest, "manifests[0].digest is odd"),
        (a_path_as_layer, "layers[0].digest is odd"),
        (huge, "it is larger than 4 MiB"),
        (deep, "or indexes in 4 levels"),
        (negative, "manifests[0].size is -1, expected a number of bytes"),
        (not_json, "is not valid JSON"),
        (an_artifact, "its index.json names no image"),
        (two_sizes, "is of 3000 bytes here, and of 7 there"),
    ],
)
def test_what_is_broken_is_refused_in_words(
    broken: Callable[[LayoutFolder], Any], text: str, made: LayoutFolder
) -> None:
    folder = made.finish(broken(made))
    assert text in problems(folder)
    if broken is not huge and broken is not link_out:  # an archive's links are not followed at all
        assert text in problems(archived(folder)) or broken is without_layer


def test_all_that_is_wrong_is_named_at_once(made: LayoutFolder) -> None:
    gone = {**made.image("gone"), "digest": f"sha256:{'0' * 64}"}
    found = problems(made.finish(made.index(without_layer(made), made.image("two"), gone)))
    assert found.count("is missing") == 2


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("oci-layout", "{}", "its imageLayoutVersion is '', expected 1.0.0"),
        ("oci-layout", None, "oci-layout is missing"),
        ("index.json", "[]", "expected an object"),
        ("index.json", '{"manifests": {}}', "manifests is an empty object, expected a list"),
        ("index.json", '{"manifests": [], "manifests": []}', "is there twice in one object"),
        ("index.json", "[" * 200_000, "nested too deeply"),
    ],
)
def test_files_that_every_layout_has(name: str, text: str | None, problem: str, made: LayoutFolder) -> None:
    folder = made.finish(made.image())
    (folder / name).unlink()
    if text is not None:
        (folder / name).write_text(text)
    assert problem in problems(folder)
    assert problem in problems(archived(folder))


def test_archives_that_are_none(made: LayoutFolder, tmp_path: Path) -> None:
    file = tmp_path / "x.tar"
    file.write_bytes(gzip.compress(b"x"))
    assert "it is compressed: unpack it with gunzip" in problems(file)
    for content in (b"no archive at all", b"x" * 10_000):
        file.write_bytes(content)
        assert "it is neither a folder nor a tar archive" in problems(file)
    file.write_bytes(b"")
    assert "oci-layout is missing" in problems(file) or "neither a folder" in problems(file)
    assert "No such file" in problems(tmp_path / "gone")


def test_an_archive_with_names_that_lead_out_is_read_by_its_digests_alone(made: LayoutFolder) -> None:
    folder = made.finish(made.image())
    whole = archived(folder)
    with tarfile.open(whole, "a") as archive:
        for name in ("../../evil", "/etc/evil", "blobs/../../evil"):
            archive.addfile(tarfile.TarInfo(name))
    assert read(whole) == read(folder)
    with tarfile.open(whole, "a") as archive:
        archive.add(folder / "index.json", "./index.json")
    assert "the archive has index.json twice" in problems(whole)


def test_a_header_that_claims_to_be_huge_is_not_believed(made: LayoutFolder, tmp_path: Path) -> None:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 1 << 39
    file = tmp_path / "x.tar"
    file.write_bytes(info.tobuf() + b"\0" * 1024)
    with file.open("r+b") as grown:
        grown.truncate(1 << 40)
    assert "it is neither a folder nor a tar archive" in problems(file)


def test_a_layout_of_more_manifests_than_any_image_has(
    made: LayoutFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oci_layout, "MOST_MANIFESTS", 3)
    index = made.index(*(made.image(str(number)) for number in range(5)))
    assert index["mediaType"] == INDEX and "more than 3 manifests" in problems(made.finish(index))
