"""Which files of the wheels, and of our own, are in the bundle, and why the others are not."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from bundle import models
from bundle.wheels import BundleError, Wheel

ROOT = Path(__file__).resolve().parent.parent
OURS = "ecr-push"
# Packages of the lock that a run from the bundle does not import: those for a terminal, without which the log
# is a CI's; boto3's own part of the SDK, whose core is enough; GitPython, since git itself is started.
WITHOUT = frozenset(
    {
        *("rich", "pygments", "markdown-it-py", "mdurl"),
        *("boto3", "s3transfer"),
        *("gitpython", "gitdb", "smmap"),
    }
)
# The same for every Python, and read by few runs.
TIME_ZONES = "tzdata"
# OpenSSL takes certificates from files alone: they lie beside the archives.
CERTIFICATES = "certifi"
# Modules of ours in the place of a package's, by its path. The SDK imports them, but a run has no use for the
# half of them, which is a seventh of what it costs to import the SDK.
STAND_INS = ROOT / "bundle" / "run" / "stand_ins"
READY_PATTERNS = ROOT / "bundle" / "run" / "ready_patterns.py"

# A run imports these modules, what they import, and little else. All of that lies in the archives without
# compression: to undo it is a twelfth of what a run computes.
LOADED_BY_A_RUN = (
    "ecr_push.cli.commands.run",
    "ecr_push.cli.read_settings",
    "ecr_push.cli.session",
    "ecr_push.cli.tell_outcome",
    "ecr_push.pipeline.run",
    "ecr_push.builder.choose",
    "ecr_push.registry.private",
    "ecr_push.registry.aws.sdk_data",
    "ecr_push.report.document",
)
_READ_BY_A_RUN = re.compile(r"botocore/data/(ecr/.+|endpoints\.json|partitions\.json)")

OWN_VERSION = "ecr_push/base/own_version.py"
TEMPLATE = "ecr_push/report/html_template.py"

# Of the wheels only Python's sources and botocore's data are taken: no compiled halves, types, documents.
_NOT_NEEDED = re.compile(
    r"""
      [^/]+\.(data|dist-info)/                 # programs, metadata
    | urllib3/contrib/emscripten/              # for browsers
    | charset_normalizer/(cli|__main__)      # programs
    | semver/__main__
    | urllib3/http2/(?!probe\.py)             # see the stand-ins
    | botocore/docs/(?!utils\.py)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Content:
    """A file of the bundle, by its path below site-packages, and where it comes from.

    package:  the wheel's; ours is `ecr-push`.
    original: the path of the file in the wheel, and its content, where the bundle's is a part of that.
    """

    path: str
    content: bytes
    package: str
    original: tuple[str, bytes] | None = None


def code(wheels: Sequence[Wheel]) -> list[Content]:
    """Return what every archive of code holds, ordered by path: ours, and what it needs of the wheels."""
    ours = {one.path: one for one in _ours(wheels)}
    found = [*ours.values(), *(one for wheel in wheels for one in _sources(wheel) if one.path not in ours)]
    sources = (one.content for one in found if one.package in (OURS, "botocore"))
    [botocore] = [wheel for wheel in wheels if wheel.name == "botocore"]
    found += _models(botocore, models.words_of(sources))
    return sorted(found, key=lambda one: one.path)


def read_by_a_run(paths: Iterable[str]) -> frozenset[str]:
    """Return those of the paths that are not modules, and of which a run reads what is in them."""
    return frozenset(filter(_READ_BY_A_RUN.fullmatch, paths))


def time_zones(wheels: Sequence[Wheel]) -> list[Content]:
    """Return the files of the package of time zones, ordered by path."""
    [wheel] = [wheel for wheel in wheels if wheel.name == TIME_ZONES]
    files = {path: content for path, content in wheel.files.items() if path.startswith("tzdata/")}
    return [Content(path, content, wheel.name) for path, content in sorted(files.items())]


def certificates(wheels: Sequence[Wheel]) -> bytes:
    [wheel] = [wheel for wheel in wheels if wheel.name == CERTIFICATES]
    return wheel.files["certifi/cacert.pem"]


def version() -> str:
    """Return our own version."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^version = "(.+)"$', project, re.M)
    if not found:
        raise BundleError("pyproject.toml states no version")
    return found[1]


def _ours(wheels: Sequence[Wheel]) -> Iterator[Content]:
    """Yield our package without the sandbox, and what stands in the place of others' modules.

    What a run would look up or compile is ready: its version, which takes a thirtieth of a run's processor
    time, and the template of HTML reports, which takes a sixth of a job's.
    """
    ready = {
        OWN_VERSION: f"def own_version() -> str:\n    return {version()!r}\n".encode(),
        TEMPLATE: _template(wheels),
    }
    for path in (ROOT / "ecr_push").rglob("*"):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and "__pycache__" not in path.parts and not name.startswith("ecr_push/sandbox/"):
            yield Content(name, ready.get(name) or path.read_bytes(), OURS)
    yield Content(READY_PATTERNS.name, READY_PATTERNS.read_bytes(), OURS)
    for path in STAND_INS.rglob("*.py"):
        yield Content(path.relative_to(STAND_INS).as_posix(), path.read_bytes(), OURS)


def _template(wheels: Sequence[Wheel]) -> bytes:
    """Return the module that has the template of HTML reports, as the lock's jinja2 compiles it."""
    program = Path(__file__).with_name("compile_template.py")
    paths = (program, ROOT, *(wheel.path for wheel in wheels))
    argv = [sys.executable, "-I", "-S", "-B", *map(str, paths)]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if done.returncode:
        raise BundleError("the template of HTML reports could not be compiled, see above")
    return done.stdout


def _sources(wheel: Wheel) -> Iterator[Content]:
    if wheel.name in (TIME_ZONES, CERTIFICATES):
        return
    for path, content in wheel.files.items():
        if path.endswith(".py") and not _NOT_NEEDED.match(path):
            yield Content(path, content, wheel.name)


def _models(botocore: Wheel, words: Set[str]) -> Iterator[Content]:
    needed = models.cut(botocore.files, words)
    yield Content(*models.index(needed), OURS)
    for path, content in needed.items():
        name = path if path in botocore.files else f"{path}.gz"
        yield Content(path, content, botocore.name, (name, botocore.files[name]))
