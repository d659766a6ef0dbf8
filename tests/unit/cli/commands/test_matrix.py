"""`ecr-push matrix`, as far as it needs no git: tests/integration/test_images.py has the rest."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.commands.conftest import Console

FILE = """\
images:
  base:
    repository: team/base
    context: base
  api:
    repository: team/api
    context: api
    needs: base
  web:
    repository: team/web
    context: web
"""


@pytest.fixture
def images(console: Console) -> Console:
    (console.folder / "ecr-push.yml").write_text(FILE)
    for name in ("base", "api", "web"):
        (console.folder / name).mkdir()
        (console.folder / name / "Dockerfile").write_text("FROM scratch")
    return console


def test_every_image_is_in_a_job(images: Console) -> None:
    assert images.run("matrix") == 0
    assert images.out == "base api\nweb\n"


def test_some_images_for_github(images: Console) -> None:
    output = images.folder / "output"
    event = images.folder / "event.json"
    event.write_text('{"repository": {"full_name": "team/app"}}')
    images.environ |= {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(output), "GITHUB_EVENT_NAME": "push"}
    images.environ |= {"GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_PATH": str(event)}
    assert images.run("matrix", "web", "api", "--format", "github") == 0
    jobs = [{"name": "web", "only": "web"}, {"name": "api", "only": "api"}]
    assert json.loads(images.out) == {"include": jobs}
    assert images.out.strip() in output.read_text(), "the step's output"


def test_the_document(images: Console) -> None:
    assert images.run("matrix", "--all", "--output", "json") == 0
    document = json.loads(images.out)
    assert document["matrix"] == [
        {"name": "base api", "only": ["base", "api"]},
        {"name": "web", "only": ["web"]},
    ]
    assert document["images"][0] == {
        "name": "base",
        "changed": True,
        "why": "every image is meant",
        "tag": None,
    }


def test_mistakes(images: Console) -> None:
    assert images.run("matrix", "--buildspec", "x.yml") == 2
    assert "--buildspec: has no effect without --format codebuild" in images.err
    assert images.run("matrix", "apii", "web") == 2
    assert "'apii': ecr-push.yml lists no such image, but base, api, web" in images.err
    (images.folder / "web" / "Dockerfile").unlink()
    assert images.run("matrix", "--all") == 2
    assert "images.web: there is no Dockerfile" in images.err
    (images.folder / "ecr-push.yml").write_text("region: eu-west-1\n")
    assert images.run("matrix") == 2
    assert "matrix: there is no ecr-push.yml that lists images" in images.err
