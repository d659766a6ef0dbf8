"""Whether the provenance of an image is what is expected of it."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.base.shape import OddValueError
from ecr_push.base.wildcard import matches
from ecr_push.pipeline.statement_read import SLSA, read_provenance
from ecr_push.pipeline.verification import Check, Provenance
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.registry.oci import Manifest
from ecr_push.settings.verify_options import VerifyOptions
from ecr_push.signing.cosign import is_statement_of
from ecr_push.signing.session import SigningSession
from ecr_push.signing.statements import statements_in


def check_provenance(
    options: VerifyOptions,
    manifest: Manifest,
    pushed: PushedImage,
    client: Reader,
    session: SigningSession | None,
) -> tuple[Check, tuple[Provenance, ...]]:
    """Provenance that the signer has signed, of the whole image; else BuildKit's, of each platform."""
    found = list(_signed_provenance(pushed, session)) or list(_attested(manifest, pushed, client))
    problems = list(_lacking(found, pushed))
    problems += [problem for one in found for problem in _wrong(one, options)]
    words = dict.fromkeys(
        f"commit {one.commit or 'unknown'} of {one.source or 'an unknown repository'}, built by "
        f"{one.builder or 'an unknown builder'}{f', signed by {one.signed_by}' if one.signed_by else ''}"
        for one in found
    )
    return Check("provenance", "; ".join(words), "; ".join(dict.fromkeys(problems))), tuple(found)


def _signed_provenance(pushed: PushedImage, session: SigningSession | None) -> Iterator[Provenance]:
    for kind in SLSA if session else ():
        assert session  # noqa: S101 - the line above
        for statement in session.stated(kind)[0]:
            try:
                said = read_provenance(statement, "")
            except OddValueError:
                continue
            for one in pushed.images:
                yield Provenance(**{**vars(said), "platform": one.platform, "signed_by": session.whose})


def _attested(manifest: Manifest, pushed: PushedImage, client: Reader) -> Iterator[Provenance]:
    for child in manifest.children():
        if not child.is_attestation:
            continue
        for statement in statements_in(client.manifest(child.digest), SLSA, client):
            for one in pushed.images:
                if any(is_statement_of(statement, one.digest, kind) for kind in SLSA):
                    try:
                        yield read_provenance(statement, one.platform)
                    except OddValueError:
                        continue


def _lacking(found: list[Provenance], pushed: PushedImage) -> Iterator[str]:
    have = {one.platform for one in found}
    for one in pushed.images:
        if one.platform not in have:
            yield f"none of {one.platform or 'the image'} ({one.digest.short})"


def _wrong(one: Provenance, options: VerifyOptions) -> Iterator[str]:
    if options.expect_source and one.source != options.expect_source:
        yield f"it is built from {one.source or 'an unknown repository'}, not {options.expect_source}"
    if options.expect_commit and one.commit != options.expect_commit:
        yield f"it is built from commit {one.commit or 'unknown'}, not {options.expect_commit}"
    if options.expect_builder and not matches(one.builder, options.expect_builder):
        yield f"it is built by {one.builder or 'an unknown builder'}, not {options.expect_builder}"
