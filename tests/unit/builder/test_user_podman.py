from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ecr_push.builder.user_docker import Credentials, Program
from ecr_push.builder.user_podman import known_registries, unusable_logins, who_knows_for_podman

HUB = "https://index.docker.io/v1/"


def login(user: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:word".encode()).decode()}


def of(user: str) -> Credentials:
    return Credentials(user, "word")


class Files:
    """The user's files, and what is asked of them."""

    def __init__(self, folder: Path, **contents: Any) -> None:
        self.docker = folder / "docker"
        self.environ = {"XDG_RUNTIME_DIR": str(folder / "run"), "XDG_CONFIG_HOME": str(folder / "config")}
        places = {
            "run": folder / "run" / "containers" / "auth.json",
            "config": folder / "config" / "containers" / "auth.json",
            "docker": self.docker / "config.json",
            "named": folder / "named.json",
        }
        for name, content in contents.items():
            places[name].parent.mkdir(parents=True, exist_ok=True)
            places[name].write_text(content if isinstance(content, str) else json.dumps(content))
        if "named" in contents:
            self.environ["REGISTRY_AUTH_FILE"] = str(places["named"])

    def ask(self, host: str) -> tuple[str, Credentials | Program | None]:
        return who_knows_for_podman(host, self.environ, self.docker)


@pytest.mark.parametrize(
    ("contents", "host", "answer"),
    [
        ({}, "quay.io", ("quay.io", None)),
        ({"run": {"auths": {"quay.io": login("ann")}}}, "quay.io", ("quay.io", of("ann"))),
        ({"run": {"auths": {"quay.io": login("ann")}}}, "ghcr.io", ("ghcr.io", None)),
        # The order of podman's files; docker's comes last.
        (
            {
                "run": {"auths": {"quay.io": login("a")}},
                "config": {"auths": {"quay.io": login("b")}},
                "docker": {"auths": {"quay.io": login("c")}},
            },
            "quay.io",
            ("quay.io", of("a")),
        ),
        (
            {"config": {"auths": {"x.io": login("b")}}, "docker": {"auths": {"quay.io": login("c")}}},
            "quay.io",
            ("quay.io", of("c")),
        ),
        # A file that is named is the only one.
        (
            {"named": {"auths": {}}, "run": {"auths": {"quay.io": login("a")}}},
            "quay.io",
            ("quay.io", None),
        ),
        ({"named": {"auths": {"quay.io": login("n")}}}, "quay.io", ("quay.io", of("n"))),
        ({"run": {"credHelpers": {"quay.io": "pass"}}}, "quay.io", ("quay.io", Program("pass"))),
        # Docker Hub has two names.
        ({"run": {"auths": {"docker.io": login("p")}}}, "docker.io", ("docker.io", of("p"))),
        ({"docker": {"auths": {HUB: login("d")}}}, "docker.io", (HUB, of("d"))),
        ({"docker": {"auths": {HUB: {}}, "credsStore": "pass"}}, "docker.io", (HUB, Program("pass"))),
        ({"docker": {"credsStore": "pass"}}, "quay.io", ("quay.io", Program("pass"))),
        # Of a part of a registry.
        ({"run": {"auths": {"quay.io/a": login("a")}}}, "quay.io", ("quay.io/a", of("a"))),
        (
            {"run": {"auths": {"quay.io/a": login("a"), "quay.io/b": login("b")}}},
            "quay.io",
            ("quay.io", None),
        ),
        (
            {"run": {"auths": {"quay.io/a": login("a"), "quay.io": login("q")}}},
            "quay.io",
            ("quay.io", of("q")),
        ),
        ({"run": "{", "config": {"auths": {"quay.io": login("b")}}}, "quay.io", ("quay.io", of("b"))),
        ({"run": {"auths": []}}, "quay.io", ("quay.io", None)),
    ],
)
def test_who_podman_would_ask(
    contents: dict[str, Any], host: str, answer: tuple[str, Any], tmp_path: Path
) -> None:
    assert Files(tmp_path, **contents).ask(host) == answer


def test_an_entry_that_is_not_valid(tmp_path: Path) -> None:
    files = Files(tmp_path, run={"auths": {"quay.io": {"auth": "s3cret"}}})
    with pytest.raises(ValueError, match="not base64") as raised:
        files.ask("quay.io")
    assert "s3cret" not in str(raised.value)


def test_the_registries_that_the_files_know(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        run={"auths": {"quay.io/a": {}, "quay.io/b": {}}, "credHelpers": {"gcr.io": "gcloud"}},
        docker={"auths": {HUB: {}, "https://ghcr.io/v2/": {}}},
    )
    assert known_registries(files.environ, files.docker) == {"quay.io", "gcr.io", "docker.io", "ghcr.io"}
    assert list(unusable_logins(files.environ, files.docker)) == ["quay.io"]
