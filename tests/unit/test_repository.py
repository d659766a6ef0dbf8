"""What no file of the repository names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.support.paths import ROOT

# Package indexes and mirrors: where packages come from is configured on each machine. Advisories are fine.
# In pieces, so that this file does not name one either.
HOSTS = [
    ".".join(parts)
    for parts in (
        *(
            ("pypi", "org"),
            ("pypi", "python", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("npmjs", "com"),
        ),
        *((name, "debian", "org") for name in ("deb", "ftp", "snapshot", "security", "httpredir", "archive")),
        *((name, "ubuntu", "com") for name in ("archive", "security", "ports")),
        *(("dl-cdn", "alpinelinux", "org"), ("repo1", "maven", "org"), ("proxy", "golang", "org")),
    )
]
FOLDERS = (
    *("ecr_push", "tests", "benchmarks", "docs", "examples", "github", "jenkins", "codebuild", "scripts"),
    *("bundle", "releasing", "requirements", ".ci", ".github"),
)
FILES = sorted(
    path
    for found in (ROOT.glob("*"), *((ROOT / folder).rglob("*") for folder in FOLDERS))
    for path in found
    if path.is_file() and path.suffix != ".pyc"
)


def test_no_file_names_the_host_of_a_package_index_or_a_mirror() -> None:
    named = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, HOSTS))})(?![\w-])".encode(), re.IGNORECASE)
    assert len(FILES) > 500
    assert [
        (path.relative_to(ROOT).as_posix(), found[0])
        for path in FILES
        if (found := named.search(path.read_bytes()))
    ] == []


@pytest.mark.parametrize("example", ["accepted", "refused"])
def test_an_examples_wheel_comes_by_pip_checked_by_its_hash(example: str) -> None:
    folder: Path = ROOT / "examples" / example
    [line] = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"certifi==[\d.]+ --hash=sha256:[0-9a-f]{64}", line)
    assert "ADD" not in (folder / "Dockerfile").read_text(encoding="utf-8")


def test_ci_tests_every_python_that_we_name() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8"))
    tested = workflow["jobs"]["fast"]["strategy"]["matrix"]["python"]
    named = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert tested == named
