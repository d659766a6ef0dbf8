"""What a repository's files and git tags say of its images."""

from __future__ import annotations

import pytest

from ecr_push.delivery.moving.found import Dockerfile, Releases, find, releases_of


def test_what_is_there() -> None:
    found = find(
        ("Dockerfile", "api/Dockerfile", "docker/web.Dockerfile", "node_modules/x/Dockerfile", "Jenkinsfile"),
        (),
    )
    assert found.dockerfiles == (
        Dockerfile("Dockerfile", "."),
        Dockerfile("api/Dockerfile", "api"),
        Dockerfile("docker/web.Dockerfile", "."),
    )
    assert [one.name for one in found.dockerfiles] == ["", "api", "web"]
    assert [one.is_default for one in found.dockerfiles] == [True, True, False]
    assert (found.ci, found.files) == ("jenkins", ("Jenkinsfile",))


@pytest.mark.parametrize(
    ("path", "ci"),
    [
        (".github/workflows/a.yml", "github"),
        (".github/a.yml", ""),
        ("ci/Jenkinsfile", "jenkins"),
        ("buildspec-release.yaml", "codebuild"),
        ("README.md", ""),
    ],
)
def test_the_ci_of_a_file(path: str, ci: str) -> None:
    assert find((path,), ()).ci == ci


@pytest.mark.parametrize(
    ("tags", "releases"),
    [
        ((), Releases()),
        (("old", "v1.2.3", "v1.3.0"), Releases("", "semver", "v1.3.0")),
        (("api/v1.0.0",), Releases("api/", "semver", "api/v1.0.0")),
        (("v1.4", "v1.5"), Releases("", "two-part", "v1.5")),
        (("2026.11.1",), Releases("", "YYYY.0M.MICRO", "2026.11.1")),
    ],
)
def test_how_git_tags_name_versions(tags: tuple[str, ...], releases: Releases) -> None:
    assert releases_of(tags) == releases
