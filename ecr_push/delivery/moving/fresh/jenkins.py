"""A Jenkinsfile for a repository whose CI pushes no image yet, in the style of docs/jenkins.md. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.delivery.moving.fresh.last_steps import last_steps
from ecr_push.delivery.moving.fresh.settings_file import REGION
from ecr_push.delivery.moving.fresh.wanted import Wanted, WantedImage
from ecr_push.delivery.moving.jenkins.write import LIBRARY, OBSERVED, groovy
from ecr_push.delivery.moving.values import Value


def jenkinsfile_text(wanted: Wanted) -> str:
    """A declarative pipeline for a multibranch job; several images are built at the same time."""
    example = wanted.releases.example or "v1.2.3"
    lines = [
        f"@Library('{LIBRARY}') _",
        "",
        "// A multibranch job: every branch and pull request gets an image with its own tag, and a git tag",
        f"// such as {example} releases one. It is built, scanned, judged, and only then gets its tags.",
        "pipeline {",
        "    agent { label 'docker' }",
        "    options {",
        "        disableConcurrentBuilds()",
        "        timeout(time: 1, unit: 'HOURS')",
        "    }",
        "    stages {",
    ]
    if len(wanted.images) == 1:
        lines += _stage(wanted, wanted.images[0], several=False, indent=" " * 8)
    else:
        lines += ["        stage('Images') {", "            parallel {"]
        for image in wanted.images:
            lines += _stage(wanted, image, several=True, indent=" " * 16)
        lines += ["            }", "        }"]
    return "\n".join([*lines, "    }", "}"]) + "\n"


def jenkins_steps(wanted: Wanted) -> Iterator[str]:
    """What is left to do, in its order."""
    yield (
        "add the library ecr-push under Manage Jenkins, System, Global Trusted Pipeline Libraries; let the "
        "job clone in full, with tags: docs/jenkins.md has the fields"
    )
    yield (
        "give the agents a role with what `ecr-push iam policy` prints, or name credentials of the store "
        "with credentialsId"
    )
    yield from last_steps(wanted, "createRepository: true", "observe: true from the file")


def _stage(wanted: Wanted, image: WantedImage, *, several: bool, indent: str) -> list[str]:
    options = list(_options(wanted, image, several=several))
    call = ["ecrPush(", *(f"    {one}" for one in options), ")"] if options else ["ecrPush()"]
    lines = [
        f"stage('{image.name}') {{",
        "    steps {",
        *(f"        {line}" for line in call),
        "    }",
        "}",
    ]
    return [f"{indent}{line}" for line in lines]


def _options(wanted: Wanted, image: WantedImage, *, several: bool) -> Iterator[str]:
    """Those that ecr-push.yml does not have: it is there for one image alone."""
    if several and wanted.has_settings:
        yield f"only: '{image.name}',"
    elif several:
        yield f"repository: '{image.repository}',"
        yield f"region: '{wanted.region or REGION}',"
        yield f"context: {_text(image.context)},"
        if image.dockerfile:
            yield f"dockerfile: {_text(image.dockerfile)},"
        if wanted.releases.prefix:
            yield f"tagPrefix: '{wanted.releases.prefix}',"
        if wanted.releases.scheme != "semver":
            yield f"versionScheme: '{wanted.releases.scheme}',"
        yield "failOn: 'high',"
    if not wanted.gate:
        yield f"observe: true, {OBSERVED}"


def _text(path: str) -> str:
    return groovy(Value.constant(path))
