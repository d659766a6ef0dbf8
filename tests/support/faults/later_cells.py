"""Between the verdict and the tags: statements, signatures, and copies in another registry.

Each cell's runs do all three, or what its phase needs of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.support.faults import points
from tests.support.faults.cell import API, SIGNALS, Cell, scenario
from tests.support.faults.points import held
from tests.support.faults.world import World

Arrange = Callable[[World], object]
# The first PutManifest is the candidate's, the second the statement's, the third the signature's.
_SIGNATURE = 2
_WHAT = {"attest": "statement", "sign": "signature"}
_V2 = (
    ("403", "status: 403, times: always", (4,)),
    ("500 always", "status: 500, times: always", (4,)),
    ("500 once", "status: 500, times: 1", (0, 4)),
    ("429 once", "status: 429, times: 1", (0, 4)),
    ("dropped before", "drop: before, times: 1", (0, 4)),
    ("dropped during", "drop: during, times: 1", (0, 4)),
)


def copying(world: World) -> None:
    world.state_verdicts()
    world.give_to_another()


def in_turn(*arrangements: Arrange) -> Arrange:
    def arrange(world: World) -> None:
        for one in arrangements:
            one(world)

    return arrange


def at_the_copy(text: str) -> Arrange:
    return lambda world: world.play(text, world.copy)


def _signals() -> Iterator[Cell]:
    arranged: tuple[tuple[str, Arrange, points.Point], ...] = (
        ("attest", World.state_verdicts, held("CompleteLayerUpload")),
        ("attest", World.state_verdicts, held("PutImage", skip=1)),
        ("attest", World.state_verdicts, held("PutImage", "after", skip=1)),
        *(
            ("sign", World.sign, held("PutManifest", when, skip=skip, plane="v2"))
            for skip in (_SIGNATURE - 1, _SIGNATURE)
            for when in ("before", "after")
        ),
        ("copy", copying, held("PutUpload", plane="v2", of_copy=True)),
        ("copy", copying, held("PutUpload", "after", skip=1, plane="v2", of_copy=True)),
        *(
            ("copy", copying, held("PutImage", when, skip=skip, of_copy=True))
            for skip in range(4)
            for when in ("before", "after")
        ),
        ("copy", copying, held("BatchDeleteImage", of_copy=True)),
    )
    for phase, arrange, point in arranged:
        for number, code in (SIGNALS[0], SIGNALS[-1]):
            yield Cell(phase, f"{number.name} {point.name}", (code,), point, points.sends(number), arrange)


def _faults() -> Iterator[Cell]:
    for phase, arrange, operation in (
        *(("attest", World.state_verdicts, f"{word}LayerUpload") for word in ("Initiate", "Complete")),
        ("attest", World.state_verdicts, "UploadLayerPart"),
        ("attest", World.state_verdicts, "PutImage"),
        ("sign", World.sign, "ListImageReferrers"),
        ("copy", copying, "ListImageReferrers"),
    ):
        for name, fault, passes in API:
            text = scenario(f"faults: [{{operation: {operation}, {fault}}}]")
            what = "" if phase == "copy" else f", of a {_WHAT[phase]}"
            yield Cell(
                phase, f"{operation} {name}{what}", (0,) if passes else (4,), arrange=in_turn(arrange, text)
            )
    for skip, what in ((1, "statement"), (2, "signature")):
        for name, fault, codes in _V2:
            text = scenario(f"faults: [{{plane: v2, operation: PutManifest, skip: {skip}, {fault}}}]")
            yield Cell("sign", f"PutManifest {name}, of a {what}", codes, arrange=in_turn(World.sign, text))
    upload = held("PutManifest", skip=_SIGNATURE, plane="v2")
    yield Cell("sign", "token expires", (0, 4), upload, points.advances_the_clock, World.sign)
    yield from _of_copies()


def _of_copies() -> Iterator[Cell]:
    for operation in ("DescribeRepositories", "GetAuthorizationToken", "PutImage", "BatchGetImage"):
        for name, fault, passes in API:
            text = at_the_copy(f"faults: [{{operation: {operation}, {fault}}}]")
            codes = (0,) if passes else (4,)
            yield Cell("copy", f"{operation} {name}, of a copy", codes, arrange=in_turn(copying, text))
    for operation in ("StartUpload", "PutUpload"):
        for name, fault, codes in _V2:
            text = at_the_copy(f"faults: [{{plane: v2, operation: {operation}, {fault}}}]")
            # Our own client tries again, so that what passes by itself does not end the run.
            ends = codes if len(codes) == 1 else (0,)
            yield Cell("copy", f"{operation} {name}, of a copy", ends, arrange=in_turn(copying, text))
    text = "faults: [{plane: v2, operation: StartUpload, status: 429, retry-after: 1, times: 2}]"
    yield Cell("copy", "429 with Retry-After", (0,), arrange=in_turn(copying, at_the_copy(text)))
    text = "faults: [{plane: v2, operation: DownloadBlob, drop: during, times: 1}]"
    yield Cell("copy", "DownloadBlob dropped during", (0,), arrange=in_turn(copying, scenario(text)))
    for point in (
        held("PutUpload", plane="v2", of_copy=True),
        held("PutImage", of_copy=True),
        held("PutImage", skip=2, of_copy=True),
    ):
        deed = points.advances_the_clock_of_the_copy
        yield Cell("copy", f"token expires {point.name}", (0,), point, deed, copying)
    # The image is there, and one of its tags cannot be moved.
    text = "faults: [{operation: PutImage, error: AccessDeniedException, skip: 3, times: always}]"
    yield Cell("copy", "PutImage 4 400, of a copy", (4,), arrange=in_turn(copying, at_the_copy(text)))


LATER: tuple[Cell, ...] = (*_signals(), *_faults())
