"""States what is in the accepted image: the SBOM in a file that another tool has written."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.errors import BuildError
from ecr_push.base.fences import Fences, RefusedPathError
from ecr_push.base.parse import read_json
from ecr_push.pipeline.attach_statement import Statement, attach_statement
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Writer
from ecr_push.registry.oci import Manifest
from ecr_push.signing.session import SigningSession

_LARGEST = 16 * 1024 * 1024  # bytes; ECR takes a layer of 20 MiB in one part
# A member that the format always has; its type of predicate, as of cosign's `spdxjson` and `cyclonedx`.
_KINDS = {
    "spdxVersion": ("https://spdx.dev/Document", "sbom.spdx.json"),
    "bomFormat": ("https://cyclonedx.org/bom", "sbom.cdx.json"),
}


def attest_sboms(
    files: Sequence[str],
    fences: Fences,
    read: Callable[[], Manifest],
    client: Writer,
    session: SigningSession | None,
    tools: Tools,
    record: Record,
) -> None:
    """Attaches each SBOM to the record's image. Raises BuildError for what is not one: no tag has moved then.

    The files are read after the tests of the image, which may have written them.
    """
    image = record.outcome.pushed
    if image is None or not files:
        return
    with record.phase("attest"):
        for file, statement in [(file, _statement(file, image, fences, tools)) for file in files]:
            reference = attach_statement(statement, image, read, client, session, tools)
            if reference:
                record.note(sboms=(*record.outcome.sboms, reference))
            else:
                tools.narrator.say(f"would attach {file}")


def _statement(file: str, image: PushedImage, fences: Fences, tools: Tools) -> Statement:
    content = _content(file, fences)
    try:
        document = read_json(content)
    except ValueError as error:
        raise BuildError(
            f"--attest-sbom {file} could not be read", why=f"it is not valid JSON: {error}"
        ) from error
    kind, title = _kind(file, document)
    digests = (image.digest, *(one.digest for one in image.images))
    if not any(one.value.partition(":")[2].encode() in content for one in digests):
        tools.narrator.warn(
            f"--attest-sbom {file}: it does not name the digest of the image that it is about"
        )
    subject = {"name": image.repository.uri, "digest": {"sha256": image.digest.value.partition(":")[2]}}
    said = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [subject],
        "predicateType": kind,
        "predicate": document,
    }
    return Statement(json.dumps(said, separators=(",", ":")).encode(), kind, "SBOM", title)


def _kind(file: str, document: Any) -> tuple[str, str]:
    """The type of predicate, and the name of the file that `oras pull` writes."""
    for name, found in _KINDS.items():
        if isinstance(document, dict) and name in document:
            return found
    raise BuildError(
        f"--attest-sbom {file} is of an unknown format",
        why="expected JSON of SPDX 2 or CycloneDX: neither spdxVersion nor bomFormat is in it",
    )


def _content(file: str, fences: Fences) -> bytes:
    try:
        return read_bytes(Path(file), _LARGEST, fences, streams=True)
    except OSError as error:
        raise BuildError(
            f"--attest-sbom {file} could not be read",
            why=error.strerror or str(error),
            remedy=error.remedy
            if isinstance(error, RefusedPathError)
            else "write it before the run, or by a --test",
        ) from error
