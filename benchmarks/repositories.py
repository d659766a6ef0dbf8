"""`repository plan` of 500 repositories, when each call of AWS takes 100 ms, and while AWS throttles calls;
and `repository apply`, which makes as many, beside the same calls one after the other.

AWS publishes no quota of these calls, so both have to find one. Whatever is refused, the plan is the same.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from given import Given
from timing import Comparison, Limit, Took, by_turns, median, run
from world import ECR_PUSH, Sandbox, environment, sandbox

NUMBER = 500
SECONDS = 0.1
CALLS = ("GetLifecyclePolicy", "GetRepositoryPolicy", "ListTagsForResource")
AT_ONCE = 12  # upkeep/found.py
QUOTA = 20  # of each operation in a second, which is half of what so many at once ask for
MOST_SECONDS = 30.0
WRITES = ("CreateRepository", "PutLifecyclePolicy")
AFTER_ANOTHER = 50  # repositories of which each call is made by one client, one after the other

_LATENCY = (
    f"latency: {{api: {{{', '.join(f'{one}: {SECONDS}' for one in (*CALLS, 'DescribeRepositories'))}}}}}"
)
_QUOTAS = f"quotas: {{{', '.join(f'{one}: {QUOTA}' for one in CALLS)}}}"
_FILE = "repositories: {'team/*': {mutability: immutable, lifecycle: [expire untagged after 1 day]}}\n"
_LIFECYCLE = {
    "rulePriority": 1,
    "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1},
    "action": {"type": "expire"},
}
_DIFFERENT = 13


def measure(given: Given) -> Iterator[Comparison]:
    file = given.folder / "ecr-repositories.yml"
    file.write_text(_FILE)
    with sandbox(given.folder, _LATENCY) as quiet:
        _create(quiet)
        whole = _plan(file, quiet)
        taken = by_turns({"plan": lambda: _timed(file, quiet)}, given.rounds)
    least = NUMBER * len(CALLS) / AT_ONCE * SECONDS
    what = f"{NUMBER * len(CALLS):,} calls of {SECONDS:g} s, {AT_ONCE} at once"
    yield Comparison(
        f"repository plan of {NUMBER}", what, median(taken["plan"]), least, Limit(0, MOST_SECONDS)
    )
    folder = given.folder / "throttled"
    folder.mkdir()
    with sandbox(folder, f"{_LATENCY}\n{_QUOTAS}") as busy:
        _create(busy)
        took = _timed(file, busy)
        refused = sum(busy.requests()["api"][one] for one in CALLS) - NUMBER * len(CALLS)
        if _plan(file, busy) != whole:
            raise RuntimeError("the plan under throttling is another one")
    name = f"the same, {refused:,} calls refused"
    what = f"each of {len(CALLS)} operations {QUOTA} times a second"
    yield Comparison(name, what, took.seconds, NUMBER / QUOTA, Limit(2.5))
    folder = given.folder / "apply"
    folder.mkdir()
    yield _applied(folder)


def _applied(folder: Path) -> Comparison:
    """Both on one sandbox, so that a busy machine slows both; the plan before is not counted."""
    file = folder / "ecr-repositories.yml"
    text = json.dumps({"rules": [_LIFECYCLE]})
    (folder / "policy.json").write_text(text)
    new = "".join(f"  team/new-{number:03}:\n" for number in range(NUMBER))
    file.write_text(f"defaults: {{lifecycle: policy.json}}\nrepositories:\n{new}")
    latency = f"latency: {{api: {{{', '.join(f'{one}: {SECONDS}' for one in WRITES)}}}}}"
    with sandbox(folder, latency) as registry:
        client = registry.client()
        began = time.perf_counter()
        for number in range(AFTER_ANOTHER):
            name = f"serial/app-{number:03}"
            client.create_repository(repositoryName=name)
            client.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=text)
        serial = (time.perf_counter() - began) / AFTER_ANOTHER * NUMBER
        argv = (ECR_PUSH, "repository", "apply", str(file), "--progress=quiet")
        took = run(argv, folder, _environ(registry))
        if sum(registry.requests()["api"][one] for one in WRITES) != (NUMBER + AFTER_ANOTHER) * len(WRITES):
            raise RuntimeError("repository apply made other calls than it had to")
    what = f"its {NUMBER * len(WRITES):,} calls of {SECONDS:g} s, one after the other"
    return Comparison(f"repository apply of {NUMBER} new ones", what, took.seconds, serial, Limit(0.25))


def _create(registry: Sandbox) -> None:
    client = registry.client()
    for number in range(NUMBER):
        client.create_repository(repositoryName=f"team/app-{number:03}")


def _timed(file: Path, registry: Sandbox) -> Took:
    argv = (ECR_PUSH, "repository", "plan", str(file), "--progress=quiet")
    return run(("sh", "-c", f'"$@"; test $? = {_DIFFERENT}', "sh", *argv), file.parent, _environ(registry))


def _plan(file: Path, registry: Sandbox) -> str:
    argv = (ECR_PUSH, "repository", "plan", str(file), "--progress=quiet", "--output=json")
    done = subprocess.run(argv, check=False, env=_environ(registry), capture_output=True, text=True)
    if done.returncode != _DIFFERENT:
        raise RuntimeError(f"{' '.join(argv)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def _environ(registry: Sandbox) -> dict[str, str]:
    return environment(**{name: of for name, of in registry.environ.items() if name.startswith("AWS_")})
