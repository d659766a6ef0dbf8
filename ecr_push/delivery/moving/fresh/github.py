"""A workflow of GitHub Actions for a repository that has none that pushes an image. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.delivery.moving.fresh.last_steps import TAGS, last_steps
from ecr_push.delivery.moving.fresh.wanted import Wanted
from ecr_push.delivery.moving.github.step_text import scalar
from ecr_push.delivery.moving.github.words import ACTION, CHECKOUT, OBSERVED

ROLE = "arn:aws:iam::123456789012:role/push-image"
_ONE = """\
  image:
    name: image
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write # for role-to-assume
    outputs:
      image: ${{ steps.image.outputs.image }} # with its digest, to deploy
    steps:
"""
_SEVERAL = """\
  changed:
    name: changed
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write # for role-to-assume
    outputs:
      matrix: ${{ steps.images.outputs.matrix }}
    steps:
"""
_EACH = """\

  image:
    name: ${{ matrix.name }}
    needs: changed
    if: fromJSON(needs.changed.outputs.matrix).include[0] # GitHub refuses a matrix without a job
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write # for role-to-assume
    strategy:
      fail-fast: false
      matrix: ${{ fromJSON(needs.changed.outputs.matrix) }}
    steps:
"""


def workflow_text(wanted: Wanted) -> str:
    """Each commit on the default branch, and each release; of several images those that changed."""
    example = wanted.releases.example or "v1.2.3"
    head = [
        f"# Every commit on {wanted.default_branch} gets an image; a git tag such as {example} releases one:",
        "# it is built, scanned by ECR, judged, and only then gets its tags.",
        "name: image",
        "",
        "on:",
        "  push:",
        f"    branches: [{scalar(wanted.default_branch)}]",
        f'    tags: ["{_tag_pattern(wanted)}"]',
        "",
        "permissions: {}",
        "",
        "concurrency:",
        "  group: image-${{ github.ref }}-${{ github.sha }}",
        "  cancel-in-progress: false",
        "",
        "jobs:",
    ]
    role = f"role-to-assume: {wanted.role or ROLE}"
    gate = [] if wanted.gate else [f"observe: true # {OBSERVED}"]
    if len(wanted.images) == 1:
        jobs = _ONE + _steps_text("image", [role, *gate])
    else:
        jobs = _SEVERAL + _steps_text("images", ["command: matrix", "changed: true", role])
        jobs += _EACH + _steps_text("image", ["only: ${{ matrix.only }}", role, *gate])
    return "\n".join(head) + "\n" + jobs


def steps(wanted: Wanted) -> tuple[str, ...]:
    """What is left to do, in its order."""
    return tuple(_steps(wanted))


def _steps_text(identity: str, inputs: list[str]) -> str:
    lines = [
        f"      - uses: {CHECKOUT}",
        "        with:",
        "          fetch-depth: 0 # the version, and what changed, come from the history",
        "          persist-credentials: false",
        f"      - uses: {ACTION}",
        f"        id: {identity}",
        "        with:",
        *(f"          {line}" for line in inputs),
    ]
    return "\n".join(lines) + "\n"


def _steps(wanted: Wanted) -> Iterator[str]:
    if not wanted.role:
        who = f"github {wanted.remote or 'OWNER/NAME'}"
        where = f"--branch {wanted.default_branch} --tag '{_tag_pattern(wanted)}'"
        yield (
            f"write the ARN of the role that pushes in place of {ROLE}: `ecr-push iam policy` prints what "
            f"it needs, and `ecr-push iam trust {who} {where}` who may assume it"
        )
    several = len(wanted.images) > 1
    shows = "`ecr-push run --changed --dry-run` shows what a run would do" if several else TAGS
    observes = "the line `observe: true` from the workflow"
    yield from last_steps(wanted, "create-repository: true", observes, shows)


def _tag_pattern(wanted: Wanted) -> str:
    """Of the git tags that are releases, as GitHub matches them."""
    releases = wanted.releases
    rest = releases.example.removeprefix(releases.prefix) or "v1.2.3"
    prefixes = {one.tag_prefix for one in wanted.images}
    prefix = prefixes.pop() if len(prefixes) == 1 else f"*{releases.prefix[-1:]}"
    return f"{prefix}{'v' if rest.startswith('v') else '[0-9]'}*"
