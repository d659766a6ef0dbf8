"""What can be copied from pages and examples names one version: that of the last release."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.version import Version as PythonVersion
from semver import Version

from releasing import documents
from releasing.commits import stated_version
from tests.support.paths import ROOT

NEXT = Version.parse("12.34.56")
NOTE = """\
One.

<!-- until the first release: begin -->
There is none yet.
<!-- until the first release: end -->

Two."""
NAMED = [
    (path.relative_to(ROOT).as_posix(), before, numbers, count)
    for path in documents.documents(ROOT)
    for before, numbers, count in documents.named_versions(path.read_text(encoding="utf-8"))
]


def test_every_place_is_in_use() -> None:
    assert {before for _, before, _, _ in NAMED} == set(documents.PLACES)


def test_all_of_them_name_one_version() -> None:
    """That of pyproject.toml, unless it is a pre-release's after the first release."""
    [version] = {numbers for _, _, numbers, count in NAMED if count == 3}
    assert {numbers for _, _, numbers, count in NAMED if count == 1} == {version.partition(".")[0]}
    stated = PythonVersion(stated_version((ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    first = not re.search(r"^## \[\d", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert version == stated.base_version or (stated.is_prerelease and not first)


@pytest.mark.parametrize(
    "path", documents.documents(ROOT), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_a_release_names_itself_everywhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    after = documents.released(text, NEXT)
    for _, numbers, count in documents.named_versions(after):
        assert numbers == {1: "12", 3: "12.34.56"}[count]
    assert "until the first release" not in after
    assert documents.released(after, NEXT) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("- uses: ecr-push/ecr-push@v1", "- uses: ecr-push/ecr-push@v12"),
        ("@Library('ecr-push@v1.0.0') _", "@Library('ecr-push@v12.34.56') _"),
        ("    COMMIT: v1.0.0", "    COMMIT: v12.34.56"),
        ("pipx install ecr-push==1.0.0.", "pipx install ecr-push==12.34.56."),
        ("uses: actions/checkout@v1", "uses: actions/checkout@v1"),
        ("uses: my-ecr-push/ecr-push@v1", "uses: my-ecr-push/ecr-push@v1"),
        ("ecr-push==1.0.0rc1", "ecr-push==1.0.0rc1"),
        (NOTE, "One.\n\nTwo."),
    ],
)
def test_what_is_rewritten(text: str, after: str) -> None:
    assert documents.released(text, NEXT) == after
