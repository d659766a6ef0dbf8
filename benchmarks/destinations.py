"""One image with five tags to three registries, when every request to AWS and to a registry takes 50 ms.

Others push a tag to a registry at a time, and neither scan nor judge; the run does, and its scans answer at
once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from given import Given
from timing import Comparison, Limit, Took, by_turns, median, run
from world import ECR_PUSH, Checkout, Sandbox, environment, sandbox

LATENCY = "latency: {api: 0.05, v2: 0.05}"
TAGS = ("sha-1", "1.0.1", "1.0", "1", "latest")
REPOSITORY = "team/app"
PUSHES = "docker build, docker push of each tag"
BUILDX = "docker buildx build --push with all tags"


def measure(given: Given) -> Iterator[Comparison]:
    checkout = Checkout.make(given.folder / "app", commits=0)
    with ExitStack() as up:
        registries = []
        for name in ("own", "b", "c"):
            folder = given.folder / name
            folder.mkdir()
            options = ("--scan-delay", "0")
            registries.append(up.enter_context(sandbox(folder, LATENCY, options)))
        for one in registries:
            one.create(REPOSITORY)
        environ = _environ(given.folder, registries)
        names = [f"{one.host}/{REPOSITORY}:{tag}" for one in registries for tag in TAGS]
        programs = {
            "ecr-push": lambda: _run(checkout, environ),
            PUSHES: lambda: _pushes(checkout, environ, names),
            BUILDX: lambda: _buildx(checkout, environ, names),
        }
        taken = by_turns(programs, given.rounds)
    ours = median(taken["ecr-push"])
    yield Comparison("ecr-push run --to two more", PUSHES, ours, median(taken[PUSHES]), Limit(0.6))
    yield Comparison("ecr-push run --to two more", BUILDX, ours, median(taken[BUILDX]), Limit(1.15))


def _environ(folder: Path, registries: Sequence[Sandbox]) -> Mapping[str, str]:
    """A profile for each registry, and a Docker configuration that is logged in to all of them."""
    lines, auths = [], {}
    for name, one in zip(("default", "profile b", "profile c"), registries, strict=True):
        keys = one.environ
        lines += [
            f"[{name}]",
            f"endpoint_url = {one.url}",
            f"region = {keys['AWS_REGION']}",
            f"aws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}",
            f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}",
        ]
        token = one.client().get_authorization_token()["authorizationData"][0]["authorizationToken"]
        auths[one.host] = {"auth": token}
    (folder / "aws").write_text("\n".join(lines))
    docker = Path(registries[0].environ["DOCKER_CONFIG"])
    (docker / "config.json").write_text(json.dumps({"auths": auths}))
    return environment(
        AWS_CONFIG_FILE=str(folder / "aws"),
        AWS_SHARED_CREDENTIALS_FILE=str(folder / "aws"),
        AWS_EC2_METADATA_DISABLED="true",
        DOCKER_CONFIG=str(docker),
    )


def _run(checkout: Checkout, environ: Mapping[str, str]) -> Took:
    checkout.release()
    argv = (ECR_PUSH, "run", f"--repository={REPOSITORY}", "--to=profile=b", "--to=profile=c")
    return run(argv, checkout.root, environ)


def _pushes(checkout: Checkout, environ: Mapping[str, str], names: Sequence[str]) -> Took:
    checkout.release()
    tags = [f"--tag={name}" for name in names]
    took = run(("docker", "build", *tags, "."), checkout.root, environ).seconds
    return Took(took + sum(run(("docker", "push", name), checkout.root, environ).seconds for name in names))


def _buildx(checkout: Checkout, environ: Mapping[str, str], names: Sequence[str]) -> Took:
    checkout.release()
    tags = [f"--tag={name}" for name in names]
    argv = ("docker", "buildx", "build", "--push", "--provenance=false", *tags, ".")
    return run(argv, checkout.root, environ)
