"""A rebuild with one changed layer on a builder that is empty: with a warm `--cache ecr`, and without."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator

from given import Given
from timing import Comparison, Limit, Took, by_turns, median, run
from world import ECR_PUSH, Checkout, Sandbox, sandbox

_LIMIT = Limit(0.5)
# The step with the work comes before the layer that each commit changes, as dependencies do.
_DOCKERFILE = """\
FROM scratch
COPY base/ /
COPY requirements/ /app/requirements/
RUN --network=none : {mark}; head -c 600000000 /dev/zero | gzip > /app/dependencies.gz \\
    && head -c 3000000 /dev/urandom > /app/wheel
COPY commit.txt /app/{mark}
CMD ["/bin/sh"]
"""


def measure(given: Given) -> Iterator[Comparison]:
    mark = f"mark-{secrets.token_hex(8)}"
    checkout = Checkout.make(given.folder / "app", commits=0)
    (checkout.root / "Dockerfile").write_text(_DOCKERFILE.format(mark=mark))
    with sandbox(given.folder) as registry:
        registry.create("team/app")
        programs = {
            "with a warm --cache ecr": lambda: _rebuilt(
                checkout, registry, mark, "--cache=ecr", "--create-repository"
            ),
            "without": lambda: _rebuilt(checkout, registry, mark),
        }
        taken = by_turns(programs, given.rounds)
    with_cache, without = programs
    yield Comparison(
        f"a rebuild {with_cache}", without, median(taken[with_cache]), median(taken[without]), _LIMIT
    )


def _rebuilt(checkout: Checkout, registry: Sandbox, mark: str, *more: str) -> Took:
    """A run for a commit that changed the last layer; the builder has forgotten what it made before."""
    for what in (mark, "imported"):  # made here, or taken from a cache
        forget = ("docker", "buildx", "prune", "--force", "--all", f"--filter=description~={what}")
        subprocess.run(forget, check=True, capture_output=True)
    (checkout.root / "commit.txt").write_text(secrets.token_hex(8))
    checkout.git("add", "--all")
    checkout.git("commit", "--quiet", "--no-gpg-sign", "--message=change")
    argv = (ECR_PUSH, "run", "--repository=team/app", "--branch=main", *more)
    return run(argv, checkout.root, registry.environ)
