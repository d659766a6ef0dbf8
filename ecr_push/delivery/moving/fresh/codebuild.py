"""A buildspec for a repository whose CI pushes no image yet, in the style of docs/codebuild.md. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.delivery.moving.codebuild.words import CLONE, COMMIT, HELPER, PROGRAM, SOURCE, SUCCEEDING
from ecr_push.delivery.moving.fresh.last_steps import last_steps
from ecr_push.delivery.moving.fresh.settings_file import REGION
from ecr_push.delivery.moving.fresh.wanted import Wanted, WantedImage
from ecr_push.delivery.moving.shell_writer import shell_text
from ecr_push.delivery.moving.values import Value


def buildspec_text(wanted: Wanted) -> str:
    """One build for all images, one after the other."""
    example = wanted.releases.example or "v1.2.3"
    lines = [
        f"# Each build makes an image, of a branch, a pull request or a git tag such as {example}:",
        "# it is built, scanned by ECR, judged, and only then gets its tags.",
        "version: 0.2",
        "",
        "env:",
        "  variables:",
        "    # Which ecr-push runs: a release, or the full id of a commit.",
        f"    SOURCE: {SOURCE}",
        f"    COMMIT: {COMMIT}",
        *([] if len(wanted.images) > 1 else ["  exported-variables: [IMAGE, VERDICT]"]),
        f"  {HELPER}",
        "",
        "phases:",
        "  install:",
        "    commands:",
        *(f"      - {one}" for one in CLONE),
        "  pre_build:",
        "    commands:",
        '      - sh "$TOOL/source/codebuild/check-docker.sh"',
        "  build:",
        "    commands:",
    ]
    for image in wanted.images:
        lines += [f"      {line}" for line in _run(wanted, image)]
    if len(wanted.images) == 1:
        lines += [
            "  post_build:",
            "    # Runs after a failed build too. Without run.env, ecr-push accepted nothing.",
            "    commands:",
            "      - export IMAGE= VERDICT=failed",
            '      - if [ -f "$TOOL/run.env" ]; then . "$TOOL/run.env"; fi',
            f"      - {SUCCEEDING}",
        ]
    return "\n".join(lines) + "\n"


def codebuild_steps(wanted: Wanted) -> Iterator[str]:
    """What is left to do, in its order."""
    yield (
        "make the project: codebuild/template.yaml of ecr-push has role, webhook and Docker; one of your "
        "own needs what `ecr-push iam policy` prints, and a full clone"
    )
    yield from last_steps(wanted, "--create-repository", "--observe from the command")


def _run(wanted: Wanted, image: WantedImage) -> Iterator[str]:
    """Settings of one image are in ecr-push.yml."""
    if not wanted.gate:
        yield "# Findings are reported; without --observe they refuse an image."
    yield "- >-"
    several = len(wanted.images) > 1
    if several and wanted.has_settings:
        yield f"  {PROGRAM} run --only {image.name}"
    elif not several:
        yield f"  {PROGRAM} run"
        yield '  --report "$TOOL/run.env"'
    else:
        yield f"  {PROGRAM} run {_word(image.context)}"
        yield f"  --repository {image.repository}"
        yield f"  --region {wanted.region or REGION}"
        if image.dockerfile:
            yield f"  --dockerfile {_word(image.dockerfile)}"
        if wanted.releases.prefix:
            yield f"  --tag-prefix {wanted.releases.prefix}"
        if wanted.releases.scheme != "semver":
            yield f"  --version-scheme {wanted.releases.scheme}"
        yield "  --fail-on high"
    if not wanted.gate:
        yield "  --observe"


def _word(path: str) -> str:
    return shell_text(Value.constant(f"./{path}" if path.startswith("-") else path))
