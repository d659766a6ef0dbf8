"""What a release publishes beside its commit: wheel, source distribution, archive, sums, notes, image."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from tests.support.git_repository import GitRepository, git_environment
from tests.support.paths import ROOT
from tests.support.releases import Project, bare_source

WHEEL, SDIST, ARCHIVE = (
    "ecr_push-1.0.0-py3-none-any.whl",
    "ecr_push-1.0.0.tar.gz",
    "ecr-push-1.0.0-bundle.zip",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """After 1.0.0, whose tags are not pushed yet, as in the workflow."""
    source = bare_source(tmp_path_factory.mktemp("source"), checks=False)
    project = Project.made_in(tmp_path_factory.mktemp("project"), source)
    ended = project.release("1.0.0")
    assert ended.code == 0, ended.stderr
    return project


@pytest.fixture(scope="module")
def files(project: Project) -> Path:
    folder = project.folder / "files"
    run(sys.executable, "scripts/release-files", "v1.0.0", folder, at=project.clone.root)
    return folder


def run(*command: object, at: Path) -> str:
    done = subprocess.run(
        [str(one) for one in command], cwd=at, env=git_environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def metadata(text: bytes) -> Message:
    return message_from_bytes(text)


def test_what_is_published(files: Path) -> None:
    assert {one.name for one in files.iterdir()} == {"packages", "page", "notes.md", "git.bundle"}
    assert {one.name for one in (files / "packages").iterdir()} == {WHEEL, SDIST}
    assert {one.name for one in (files / "page").iterdir()} == {WHEEL, SDIST, ARCHIVE, "SHA256SUMS"}
    sums = dict(reversed(line.split("  ")) for line in (files / "page/SHA256SUMS").read_text().splitlines())
    assert sums == {
        name: hashlib.sha256((files / "page" / name).read_bytes()).hexdigest()
        for name in (WHEEL, SDIST, ARCHIVE)
    }
    with zipfile.ZipFile(files / "page" / ARCHIVE) as archive:
        held = {name for name in archive.namelist() if not name.endswith("/")}
    assert held == {"ecr-push-1.0.0-bundle/bundle.json", "ecr-push-1.0.0-bundle/start.py"}


def test_the_notes_are_the_changelog_and_the_commit_to_pin(project: Project, files: Path) -> None:
    notes = (files / "notes.md").read_text(encoding="utf-8")
    commit = project.clone.git("rev-parse", "v1.0.0^{}")
    assert notes.startswith("### Added\n")
    assert f"- uses: ecr-push/ecr-push@{commit} # v1.0.0\n" in notes
    assert f"@Library('ecr-push@{commit}') _\n" in notes


def test_another_job_gets_the_commits_and_the_tags(project: Project, files: Path, tmp_path: Path) -> None:
    other = project.remote.clone(tmp_path / "other")
    other.git("fetch", "--quiet", str(files / "git.bundle"), "refs/tags/*:refs/tags/*")
    assert other.git("tag").split() == ["v1", "v1.0", "v1.0.0"]
    assert other.git("rev-parse", "v1^{}") == project.clone.git("rev-parse", "v1.0.0^{}")


def test_the_wheel_has_the_package_and_its_licence_alone(files: Path) -> None:
    names = names_in(files / "packages" / WHEEL)
    assert {name.split("/")[0] for name in names} == {"ecr_push", "ecr_push-1.0.0.dist-info"}
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "ecr_push", at=ROOT)
    assert {name for name in names if name.startswith("ecr_push/")} == set(listed.split())
    with zipfile.ZipFile(files / "packages" / WHEEL) as archive:
        about = metadata(archive.read("ecr_push-1.0.0.dist-info/METADATA"))
        assert archive.read("ecr_push-1.0.0.dist-info/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert (about["Name"], about["Version"], about["Requires-Python"]) == ("ecr-push", "1.0.0", ">=3.10")
    assert about["License-Expression"] == "Apache-2.0"
    assert about.get_all("Provides-Extra") == ["sandbox"]
    # An index shows the page, and has none of the files that it links.
    shown = about.get_payload()
    assert about["Description-Content-Type"] == "text/markdown"
    links = re.findall(r"\]\(([^)\s]+)\)", shown)
    assert len(links) > 20
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    assert "](https://github.com/ecr-push/ecr-push/raw/v1.0.0/docs/run.svg)" in shown
    assert "](https://github.com/ecr-push/ecr-push/blob/v1.0.0/docs/github.md)" in shown


def test_the_source_distribution_gives_the_same_wheel(files: Path, tmp_path: Path) -> None:
    with tarfile.open(files / "packages" / SDIST) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / "ecr_push-1.0.0"
    assert (source / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert (source / "tests" / "unit").is_dir()
    assert not (source / "jenkins/resources/io/ecrpush/bundle").exists()
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", at=source)
    [built] = (source / "dist").iterdir()
    assert built.read_bytes() == (files / "packages" / WHEEL).read_bytes()


def test_no_package_names_a_folder_of_this_machine(files: Path) -> None:
    machine = re.compile("|".join(re.escape(str(one)) for one in (ROOT, files.parent)).encode())
    with zipfile.ZipFile(files / "packages" / WHEEL) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(files / "packages" / SDIST) as archive:
        members = {one.name: archive.extractfile(one) for one in archive if one.isfile()}
        contents |= {name: file.read() for name, file in members.items() if file}
    assert len(contents) > 500
    assert [name for name, content in contents.items() if machine.search(content)] == []


def test_the_wheel_installs_and_runs(files: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv", at=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    wheel = files / "packages" / WHEEL
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, at=tmp_path)
    # Its dependencies are those of this environment, after its own packages.
    [packages] = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    ours = [one for one in sys.path if one.endswith("site-packages")]
    (packages / "dependencies.pth").write_text("".join(f"{one}\n" for one in ours))

    program = tmp_path / "venv" / "bin" / "ecr-push"
    assert run(program, "--version", at=tmp_path) == "ecr-push, version 1.0.0\n"
    app = GitRepository.init(tmp_path / "app")
    app.commit("First", {"Dockerfile": "FROM scratch\n"})
    app.tag("v1.4.2")
    assert "tag      1.4.2" in run(program, "tags", at=app.root)
    where = run(python, "-c", "import ecr_push; print(ecr_push.__file__)", at=tmp_path)
    assert Path(where.strip()).is_relative_to(packages)
