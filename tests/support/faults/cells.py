"""The cells of the matrix: each phase of a run with each fault, and each signal at each point.

The codes are those of docs/how-it-works.md. Several mean that the page leaves it open, such as whether a
client of the registry tries again.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.faults import points
from tests.support.faults.cell import API, SIGNALS, Cell, options, scenario
from tests.support.faults.later_cells import LATER
from tests.support.faults.points import Point, building, git, held
from tests.support.faults.world import World

# As many as a run can have: claim, sha-…, 1.4.3, 1.4, 1, latest.
_PUTS = 6


def _points() -> Iterator[tuple[str, Point]]:
    yield "source", git("before", "rev-parse")
    yield "plan", git("before", "log")
    for operation in ("GetAuthorizationToken", "DescribeRepositories"):
        yield "registry", held(operation)
    yield "registry", git("before", "ls-remote")
    yield "build", points.building_early()
    yield "build", building()
    yield "push", held("PutUpload", plane="v2")
    for when in ("before", "after"):
        yield "push", held("PutManifest", when, plane="v2")
        yield "scan", held("DescribeImageScanFindings", when)
    # The first two ask before the build which images are archived.
    yield "registry", held("ListImages")
    yield "judge", held("ListImages", skip=2)
    for put in range(_PUTS):
        for when in ("before", "after"):
            yield "promote", held("PutImage", when, skip=put)
    for when in ("before", "after"):
        yield "removal", held("BatchDeleteImage", when)
    yield "release", git("before", "mktag")
    yield "release", git("before", "push")
    yield "release", git("after", "push")
    yield "release", git("before", "update-ref")
    yield "report", points.blocked_output()


def signals() -> Iterator[Cell]:
    for phase, point in _points():
        for number, code in SIGNALS:
            # What is accepted and released may as well be a success: only its line was not read.
            codes = (code, 0) if phase == "report" else (code,)
            rare = point.name.endswith(f"PutImage {_PUTS}")
            yield Cell(phase, f"{number.name} {point.name}", codes, point, points.sends(number), rare=rare)


# phase, operation, codes where the fault does not pass by itself
_CALLS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("registry", "GetAuthorizationToken", (4,)),
    ("registry", "DescribeRepositories", (4,)),
    ("scan", "DescribeImageScanFindings", (4, 5)),
    ("judge", "ListImages", (4,)),
    ("promote", "PutImage", (4,)),
    ("removal", "BatchDeleteImage", (0,)),
)
_V2 = (
    ("403", "status: 403, times: always", (4,)),
    ("500 always", "status: 500, times: always", (4,)),
    ("429 once", "status: 429, times: 1", (0, 4)),
    ("dropped before", "drop: before, times: 1", (0, 4)),
    ("dropped during", "drop: during, times: 1", (0, 4)),
)


def faults() -> Iterator[Cell]:
    for phase, operation, codes in _CALLS:
        for name, fault, passes in API:
            text = f"faults: [{{operation: {operation}, {fault}}}]"
            yield Cell(phase, f"{operation} {name}", (0,) if passes else codes, arrange=scenario(text))
        text = f"latency: {{api: {{{operation}: 2}}}}"
        yield Cell(phase, f"{operation} slow", (0,), arrange=scenario(text))
    for operation in ("PutUpload", "PutManifest"):
        for name, fault, codes in _V2:
            text = f"faults: [{{plane: v2, operation: {operation}, {fault}}}]"
            yield Cell("push", f"{operation} {name}", codes, arrange=scenario(text))
    yield from _of_promote()
    yield from _of_others()


def _of_promote() -> Iterator[Cell]:
    for put in (1, 3, 4):
        text = f"faults: [{{operation: PutImage, error: AccessDeniedException, skip: {put}, times: always}}]"
        yield Cell("promote", f"PutImage {put + 1} 400", (4,), arrange=scenario(text))
    for put in range(_PUTS - 1):
        point = held("PutImage", "after", skip=put)
        deed = points.undoes_the_last_move
        yield Cell("promote", f"PutImage {put + 1} lies", (0, 4), point, deed, undone=True)
    expired = points.advances_the_clock
    for phase, point, codes in (
        ("registry", held("DescribeRepositories"), (4,)),
        ("scan", held("DescribeImageScanFindings"), (4, 5)),
        ("promote", held("PutImage", skip=2), (4,)),
        ("removal", held("BatchDeleteImage"), (0, 4)),
    ):
        yield Cell(phase, f"credentials expire {point.name}", codes, point, expired, points.uses_a_role)
    for put in (0, 2):
        point = held("PutImage", skip=put)
        deed = points.deletes_the_candidates_image
        yield Cell("promote", f"image deleted {point.name}", (0, 4, 5), point, deed, removed=True)
        deed = points.deletes_the_candidates_tag
        yield Cell("promote", f"candidate deleted {point.name}", (0, 4, 5), point, deed, removed=True)
        deed = points.deletes_the_repository
        yield Cell("promote", f"repository deleted {point.name}", (4,), point, deed, removed=True)


def _of_others() -> Iterator[Cell]:
    for word in ("rev-parse", "status"):
        yield Cell("source", f"git {word} fails", (2,), arrange=git("refuse", word).arrange)
    yield Cell("plan", "git log fails", (2,), arrange=git("refuse", "log").arrange)
    yield Cell("registry", "git ls-remote fails", (4,), arrange=git("refuse", "ls-remote").arrange)
    gone = points.loses_the_engine
    early = points.building_early()
    yield Cell("build", "engine gone early", (3,), early, gone, World.lose_the_engine)
    yield Cell("build", "repository deleted early", (4,), early, points.deletes_the_repository, removed=True)
    yield Cell("build", "engine gone", (3,), building(), gone, World.lose_the_engine)
    yield Cell("build", "token expires", (0,), building(), points.waits_for_a_token_to_expire, _short_tokens)
    yield Cell("build", "repository deleted", (4,), building(), points.deletes_the_repository, removed=True)
    yield Cell("build", "no such stage", (2, 3), arrange=options("--target", "nothing"))
    upload = held("PutUpload", plane="v2")
    yield Cell("push", "engine gone", (3, 4), upload, gone, World.lose_the_engine)
    yield Cell("push", "token expires", (0, 4), upload, points.advances_the_clock)
    yield Cell("push", "slow", (0,), upload)
    scan = held("DescribeImageScanFindings")
    yield Cell("scan", "candidate deleted", (5,), scan, points.deletes_the_candidates_tag, removed=True)
    yield Cell("scan", "image deleted", (5,), scan, points.deletes_the_candidates_image, removed=True)
    yield Cell("scan", "repository deleted", (4, 5), scan, points.deletes_the_repository, removed=True)
    yield Cell("scan", "fails", (5,), arrange=scenario("scan: {statuses: [FAILED], description: x}"))
    yield Cell("scan", "never ends", (5,), arrange=_never_ending_scan)
    candidate = points.deletes_the_candidates_tag
    yield Cell("removal", "candidate deleted", (0,), held("BatchDeleteImage"), candidate)
    yield Cell("release", "git push fails", (4,), arrange=git("refuse", "push").arrange)
    yield Cell("release", "git push done, answer lost", (0, 4), arrange=git("lose", "push").arrange)
    yield Cell("release", "remote gone", (4,), git("before", "push"), points.removes_the_remote)
    yield Cell("report", "slow reader", (0,), points.blocked_output())
    for fault, path in (("folder missing", "/nonexistent/report.txt"), ("disk full", "/dev/full")):
        yield Cell("report", fault, (1, 2), arrange=options("--report", f"text={path}"))


def _short_tokens(world: World) -> None:
    world.sandbox.tokens.life = points.TOKEN_SECONDS


def _never_ending_scan(world: World) -> None:
    world.play("scan: {statuses: [PENDING]}")
    world.options = ("--scan-timeout", "2s")


CELLS: tuple[Cell, ...] = (*faults(), *signals(), *LATER)
# In every run of all tests: one of each kind, less than a minute.
_SAMPLE = (
    *("SIGKILL before PutImage 3", "SIGTERM after PutImage 3", "SIGINT before BatchDeleteImage"),
    *("SIGKILL within the build", "PutImage dropped during", "PutImage 3 lies", "candidate deleted"),
    *("git push done, answer lost", "engine gone", "SIGKILL after PutManifest 3"),
    *("PutUpload dropped during, of a copy", "SIGKILL after PutImage 3 of a copy"),
)
SAMPLE: tuple[Cell, ...] = tuple(cell for cell in CELLS if cell.fault in _SAMPLE)
