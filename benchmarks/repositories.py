"""`repository plan` of 500 repositories, when each call of AWS takes 100 ms, and while AWS throttles calls.

AWS publishes no quota of these calls, so the plan has to find one. Whatever is refused, the plan is the same.
"""

from __future__ import annotations

import subprocess
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

_LATENCY = (
    f"latency: {{api: {{{', '.join(f'{one}: {SECONDS}' for one in (*CALLS, 'DescribeRepositories'))}}}}}"
)
_QUOTAS = f"quotas: {{{', '.join(f'{one}: {QUOTA}' for one in CALLS)}}}"
_FILE = "repositories: {'team/*': {mutability: immutable, lifecycle: [expire untagged after 1 day]}}\n"
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
