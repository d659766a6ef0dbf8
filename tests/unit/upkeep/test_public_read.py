from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.upkeep.model import WantedRepositories
from ecr_push.upkeep.public_model import WantedCatalog
from ecr_push.upkeep.read import read_repositories

PNG = b"\x89PNG\r\n"


def read(folder: Path, text: str) -> WantedRepositories:
    for name, content in (("about.md", b"# About"), ("logo.png", PNG), ("logo.gif", b"GIF89a")):
        (folder / name).write_bytes(content)
    (folder / "long.md").write_text("x" * 25_601)
    (folder / "large.png").write_bytes(PNG + b"x" * 512_000)
    (folder / "file.yml").write_text(text)
    return read_repositories(folder / "file.yml", lambda: "eu-west-1")


def test_what_the_gallery_is_to_show(tmp_path: Path) -> None:
    text = """\
public:
  app:
    description: An app.
    about: about.md
    logo: logo.png
    architectures: [x86-64, arm64, ARM 64]
    operating-systems: [linux]
  empty:
"""
    assert read(tmp_path, text).public == {
        "app": WantedCatalog("An app.", "# About", None, PNG, ("x86-64", "ARM 64"), ("Linux",)),
        "empty": WantedCatalog(),
    }


def test_every_mistake_at_once(tmp_path: Path) -> None:
    text = """\
public:
  App:
    description: x
  app:
    descripton: x
    about: none.md
    usage: long.md
    logo: logo.gif
    architectures: [amd64]
    operating-systems: linux
  other: {logo: large.png}
"""
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, text)
    for words in (
        "line 2: 'App' is not a valid repository name",
        "line 5: 'descripton' is not known; did you mean 'description'?",
        "line 6: about: cannot read none.md: No such file",
        "line 7: usage: long.md has 25,601 characters, ECR Public takes 25,600",
        "line 8: logo: logo.gif is neither PNG nor JPEG",
        "line 9: architectures: 'amd64' is not one of ARM, ARM 64, x86, x86-64",
        "line 10: operating-systems: expected a list",
        "line 11: logo: large.png has 512,006 bytes, ECR Public takes 512,000",
    ):
        assert any(words in one for one in raised.value.problems), words
    assert len(raised.value.problems) == 8


def test_a_file_of_nothing_else(tmp_path: Path) -> None:
    assert read(tmp_path, "public: {app: {description: x}}").named == {}
    with pytest.raises(SettingsError, match="wrong"):
        read(tmp_path, "public: {}")
