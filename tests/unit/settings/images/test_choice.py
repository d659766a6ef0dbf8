from __future__ import annotations

import pytest

from ecr_push.settings.images.choice import choice_problems
from ecr_push.settings.images_options import ImagesOptions

IMAGES = {"api": 1, "web": 1}
NONE: dict[str, object] = {}


@pytest.mark.parametrize(
    ("given", "images", "command", "said"),
    [
        (ImagesOptions(), IMAGES, "run", "lists images: name one of api, web, --changed or --all"),
        (ImagesOptions(), IMAGES, "plan", "lists images: name one of api, web"),
        (ImagesOptions(), IMAGES, "matrix", ""),
        (ImagesOptions(), IMAGES, "scan", ""),
        (ImagesOptions(), NONE, "run", ""),
        (ImagesOptions(), NONE, "matrix", "matrix: there is no ecr-push.yml that lists images"),
        (ImagesOptions(changed=True), NONE, "run", "--changed: there is no ecr-push.yml that lists images"),
        (
            ImagesOptions(only=(".", "x")),
            NONE,
            "run",
            "., x: there is no ecr-push.yml that lists images of these",
        ),
        (
            ImagesOptions(only=("api", "./b")),
            IMAGES,
            "run",
            "'./b' is not the name of an image: a directory is",
        ),
        (ImagesOptions(only=("api", "a/b")), IMAGES, "run", "as in ecr-push run -r a/b"),
        (
            ImagesOptions(only=("apii",)),
            IMAGES,
            "tags",
            "'apii': ecr-push.yml lists no such image, but api, web; ",
        ),
        (ImagesOptions(only=("apii",)), IMAGES, "tags", "no such image, but api, web; did you mean 'api'?"),
        (ImagesOptions(only=("api", "web")), IMAGES, "plan", "plan is for one image, not for 2"),
        (ImagesOptions(only=("api", "web")), IMAGES, "run", ""),
    ],
)
def test_choices(given: ImagesOptions, images: dict[str, object], command: str, said: str) -> None:
    found = "\n".join(choice_problems(given, images, command, chosen=False, untrusted=False))
    assert said in found and bool(said) == bool(found)


def test_images_of_a_fork_are_not_known() -> None:
    (found,) = choice_problems(ImagesOptions(changed=True), {}, "run", chosen=False, untrusted=True)
    assert found.startswith("--changed: ecr-push.yml is not read for code that may come from a fork")
