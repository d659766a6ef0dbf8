"""The files of other scanners (`--verdict-from`), whose findings are judged with ECR's.

They are read once the tests of the image have ended, which may write them. A file that is missing, odd, or
about another image gives no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.errors import ScanError
from ecr_push.base.fences import Fences
from ecr_push.base.reference import Digest
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.scan.findings import ScanReport
from ecr_push.scan.others.added import with_other
from ecr_push.scan.others.model import OtherReport
from ecr_push.scan.others.read import read_other

_LARGEST = 1 << 28  # bytes
_NONE = "0" * 64

# The digests that a file may call the image by, and the image of a platform that each stands for; None for
# the whole index.
Names = Mapping[str, Digest | None]


def names_of(pushed: PushedImage, client: Reader) -> Names:
    """The index, each image, and each image's configuration, which scanners call the image's id."""
    names: dict[str, Digest | None] = {pushed.digest.value: None}
    for image in pushed.images:
        names[image.digest.value] = image.digest
        if config := client.manifest(image.digest).config_digest:
            names[config.value] = image.digest
    return names


def names_of_scan(report: ScanReport, whole: str) -> Names:
    """What is known of the image of a saved scan. whole: the digest of what was pushed; "" where it is not
    known. Files without a digest have one of zeros."""
    named = {one.digest.value: one.digest for one in report.platforms if not one.digest.value.endswith(_NONE)}
    return {whole: None, **named} if whole and named else named


def add_others(
    files: Sequence[str],
    report: ScanReport,
    names: Callable[[], Names],
    fences: Fences,
    say: Callable[[str], None] = lambda text: None,
) -> ScanReport:
    """report, with the findings in the files. Raises ScanError, RegistryError."""
    known = names() if files else {}
    for file in files:
        other = read_other(file, _content(file, fences))
        if known and other.digests and not other.digests & known.keys():
            raise ScanError(
                f"{file} is about another image",
                why=f"it names {', '.join(sorted(other.digests))[:500]}, and this is {next(iter(known))}",
                remedy="let the scanner name the image by its digest, as $CANDIDATE_IMAGE does in a test",
            )
        report = with_other(report, file, _of_platforms(other, known))
        say(f"{file}: {report.others[-1]}")
    return report


def _of_platforms(other: OtherReport, known: Names) -> OtherReport:
    """other, which names the images themselves and not their configurations."""
    images = (known.get(digest) for digest in other.digests)
    return replace(other, digests=frozenset(image.value for image in images if image))


def _content(file: str, fences: Fences) -> bytes:
    try:
        return read_bytes(Path(file), _LARGEST, fences)
    except OSError as error:
        raise ScanError(
            f"{file} could not be read",
            why=error.strerror or str(error),
            remedy="let the scanner write it before the image is judged: by a --test, or before the run",
        ) from error
