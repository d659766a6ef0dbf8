"""Which of 200 images changed, where three did: against `git diff --name-only`, which says which files did.

What the same command takes in a repository of those three images alone is subtracted, and no more, so that
what a run of one of them does because there are 197 others counts. The figures with a limit are the
processor's, of a program and all that it starts. What is left is some 30 ms of more than a second: it is the
median of the differences between runs in turn.
"""

from __future__ import annotations

import functools
import json
import resource
import statistics
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from given import Given
from timing import Comparison, Limit, Took, by_turns, median, processor, run
from world import ECR_PUSH, Sandbox, environment, sandbox

NUMBER, CHANGED, FILES = 200, 3, 50
_GIT = ("git", "diff", "--name-only", "HEAD~1")
_MATRIX = (ECR_PUSH, "matrix", "--changed")
_DRY_RUN = (ECR_PUSH, "run", "--dry-run", "--unscannable", "warn")
_SINCE = ("--since", "HEAD~1")
_INDEX = "application/vnd.oci.image.index.v1+json"
_LIMIT = Limit(3)


def measure(given: Given) -> Iterator[Comparison]:
    large = _checkout(given.folder / "large", NUMBER)
    small = _checkout(given.folder / "small", CHANGED)
    with sandbox(given.folder) as registry:
        _fill(registry, large, NUMBER)
        start = functools.partial(_took, environ=registry.environ)
        cases = {
            "matrix --changed --since": _MATRIX + _SINCE,
            "run --changed --dry-run --since": (*_DRY_RUN, "--changed", *_SINCE),
            "matrix --changed, by the registry": _MATRIX,
        }
        for name, argv in cases.items():
            programs: dict[str, Callable[[], Took]] = {
                "ours": functools.partial(start, argv, large),
                "start": functools.partial(start, argv, small),
                "git": functools.partial(start, _GIT, large),
            }
            taken = by_turns(programs, given.rounds)
            # A repository has to be asked for its own tags: 200 calls, of which no call makes one.
            limit = None if argv == _MATRIX else _LIMIT
            title = f"images: {CHANGED} of {NUMBER}, {name}"
            for kind, figure, most in (("processor", processor, limit), ("wall", median, None)):
                turns = zip(taken["ours"], taken["start"], strict=True)
                beyond = statistics.median(figure([ours]) - figure([alone]) for ours, alone in turns)
                git = figure(taken["git"])
                yield Comparison(f"{title}, {kind}", " ".join(_GIT[:3]), max(0.0, beyond), git, most)


def _took(argv: tuple[str, ...], folder: Path, environ: Mapping[str, str]) -> Took:
    """One run, with the processor's time of all that it started, too."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = run(argv, folder, environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return replace(took, processor_seconds=spent)


def _checkout(root: Path, number: int) -> Path:
    """So many images of 50 files each, and a commit that changes three of them."""
    root.mkdir()
    lines = ["region: us-east-1", "create-repository: yes", "images:"]
    for one in range(number):
        folder = root / "services" / f"service-{one:03}"
        folder.mkdir(parents=True)
        (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
        for file in range(FILES):
            (folder / f"file-{file}").write_text(f"{one} {file}\n")
        lines += [f"  service-{one:03}:", f"    context: services/service-{one:03}"]
        lines += [f"    repository: team/service-{one:03}", f"    tag-prefix: service-{one:03}/"]
    (root / "ecr-push.yml").write_text("\n".join((*lines, "")))
    _git(root, "init", "--quiet", "--initial-branch=main")
    _commit(root, "first")
    for one in range(CHANGED):
        (root / "services" / f"service-{one:03}" / "file-0").write_text("changed\n")
    _commit(root, "second")
    return root


def _commit(root: Path, message: str) -> None:
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--no-gpg-sign", f"--message={message}")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(("git", *arguments), cwd=root, env=environment(), check=True, capture_output=True)
    return done.stdout.decode().strip()


def _fill(registry: Sandbox, root: Path, number: int) -> None:
    """Each repository has an image of the first commit: an index without images needs nothing else."""
    client = registry.client()
    manifest = json.dumps({"schemaVersion": 2, "mediaType": _INDEX, "manifests": []})
    tag = f"sha-{_git(root, 'rev-parse', 'HEAD~1')[:12]}"
    for one in range(number):
        name = f"team/service-{one:03}"
        client.create_repository(repositoryName=name)
        client.put_image(
            repositoryName=name, imageManifest=manifest, imageManifestMediaType=_INDEX, imageTag=tag
        )
