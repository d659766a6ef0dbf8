"""`ecr-push init`: which files are written, and never over one that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.commands.conftest import Console

WORKFLOW = ".github/workflows/image.yml"


@pytest.fixture(autouse=True)
def _dockerfile(console: Console) -> None:
    Path("Dockerfile").write_text("FROM scratch\n")


def test_a_repository_gets_its_files_and_what_to_do_next(console: Console) -> None:
    assert console.run("init", "-r", "team/shop", "--region", "eu-central-1") == 0
    assert "repository: team/shop # in Amazon ECR\nregion: eu-central-1\n" in Path("ecr-push.yml").read_text()
    assert "observe: true" in Path(WORKFLOW).read_text()
    assert console.out == ""
    assert console.err.startswith(
        f"ecr-push.yml: written\n{WORKFLOW}: written\nnext:\n  1. put the folder under git"
    )


def test_a_file_that_is_there_stays_and_the_difference_is_shown(console: Console) -> None:
    Path(".github/workflows").mkdir(parents=True)
    Path(WORKFLOW).write_text("on: push\njobs: {}\n")
    assert console.run("init", "-r", "team/shop") == 13
    assert "-jobs: {}\n" in console.out and "+jobs:\n" in console.out
    assert f"{WORKFLOW}: there already, and different: nothing was written" in console.err
    assert Path(WORKFLOW).read_text() == "on: push\njobs: {}\n" and not Path("ecr-push.yml").exists()
    assert console.run("init", "-r", "team/shop", "--force") == 0
    assert f"{WORKFLOW}: changed" in console.err
    assert console.run("init", "-r", "team/shop") == 0
    assert f"{WORKFLOW}: is as it should be" in console.err


def test_settings_that_are_there_stay_and_the_ci_gets_its_file(console: Console) -> None:
    own = "# ours\nrepository: team/old\nregion: eu-central-1\nfail-on: critical\n"
    Path("ecr-push.yml").write_text(own)
    assert console.run("init") == 0
    assert Path("ecr-push.yml").read_text() == own and Path(WORKFLOW).exists()
    assert "ecr-push.yml is there, and stays as it is: `ecr-push plan` shows" in console.err
    assert "check the repository" not in console.err
    Path(WORKFLOW).unlink()
    assert console.run("init", "-r", "team/shop", "--region", "eu-central-1") == 2
    assert "--repository team/shop: ecr-push.yml is there, and says team/old" in console.err
    assert "--region" not in console.err and not Path(WORKFLOW).exists()
    assert console.run("init", "-r", "team/shop", "--force") == 0
    assert "repository: team/shop" in Path("ecr-push.yml").read_text()
    Path("ecr-push.yml").write_text("a: [\n")
    assert console.run("init") == 2
    assert "ecr-push.yml is there, and cannot be read: " in console.err


def test_a_file_to_move_over_has_its_option(console: Console) -> None:
    assert console.run("init", "image.yml") == 2
    assert "as in ecr-push init --from image.yml" in console.err


def test_a_dry_run_prints_and_writes_nothing(console: Console) -> None:
    assert console.run("init", "-r", "team/shop", "--dry-run") == 0
    assert console.out.startswith("# ecr-push.yml\n") and f"# {WORKFLOW}\n" in console.out
    assert sorted(one.name for one in Path().iterdir()) == ["Dockerfile"]


def test_what_contradicts_itself(console: Console) -> None:
    assert console.run("init", "--from", "x.yml", "--ci", "github") == 2
    assert "--ci and --from contradict each other" in console.err
    assert console.run("init", "--into", "x.yml") == 2
    assert "--into belongs to --from" in console.err
    assert console.run("init", "--from", "x.yml") == 2
    assert "x.yml cannot be read: No such file" in console.err
    assert "To do: name a file of the CI, such as .github/workflows/image.yml." in console.err
    assert console.run("init", "--from", "Dockerfile") == 2
    assert "To do: docs/moving.md says what is moved over: no file was written." in console.err
    assert "Dockerfile is not a file that can be moved over: expected a workflow" in console.err


def test_without_a_dockerfile_there_is_nothing_to_write(console: Console) -> None:
    Path("Dockerfile").unlink()
    assert console.run("init", "-r", "team/shop") == 2
    assert "there is no Dockerfile here" in console.err


def test_a_link_out_of_the_checkout_is_not_written_through(console: Console, tmp_path: Path) -> None:
    Path(".github").symlink_to(tmp_path.parent)
    assert console.run("init", "-r", "team/shop") == 2
    assert "symlink" in console.err


def test_a_file_that_pushes_already_is_named_instead_of_a_second_one(console: Console) -> None:
    Path(".github/workflows").mkdir(parents=True)
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1"
    step = f"{{uses: docker/build-push-action@v6, with: {{push: true, tags: '{image}'}}}}"
    text = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - {step}\n"
    Path(".github/workflows/ci.yml").write_text(text)
    assert console.run("init", "-r", "team/shop") == 2
    assert "`ecr-push init --from .github/workflows/ci.yml` moves it over" in console.err
    assert not Path("ecr-push.yml").exists()
    assert console.run("init", "--from", ".github/workflows/ci.yml", "--into", "new.yml") == 0
    assert "uses: ecr-push/ecr-push@" in Path("new.yml").read_text()
    assert Path(".github/workflows/ci.yml").read_text() == text
    assert "ci.yml:6: docker/build-push-action@v6 -> uses: ecr-push/ecr-push@v1" in console.err
    assert console.run("init", "--from", ".github/workflows/ci.yml") == 13
    assert console.run("init", "--from", ".github/workflows/ci.yml", "--force") == 0
    assert Path(".github/workflows/ci.yml").read_text() == Path("new.yml").read_text()


def test_several_images_have_a_repository_and_a_prefix_each(console: Console) -> None:
    for name in ("api", "web"):
        Path(name).mkdir()
        Path(name, "Dockerfile").write_text("FROM scratch\n")
    Path("Dockerfile").unlink()
    assert console.run("init", "-r", "team") == 0
    assert "only: ${{ matrix.only }}\n" in Path(WORKFLOW).read_text()
    text = Path("ecr-push.yml").read_text()
    assert "images:\n  api:\n    context: api\n    repository: team/api\n  web:\n" in text
