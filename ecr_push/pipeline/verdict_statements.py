"""The statements of verdicts that are attached to an image, signed by anyone or by no one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ecr_push.base.reference import Digest
from ecr_push.pipeline.verdict_statement import PREDICATE_TYPE
from ecr_push.registry.interface import Reader
from ecr_push.signing.cosign import BUNDLE, PREDICATE, is_statement_of, statement_in
from ecr_push.signing.statements import MOST, attached_statements


def verdict_statements(image: Digest, client: Reader) -> Iterator[tuple[Digest, Mapping[str, Any]]]:
    """Each with the digest of its artifact. No signature is verified: everyone who may push can attach one.

    Raises RegistryError.
    """
    for artifact, statement in attached_statements(image, PREDICATE_TYPE, client):
        if is_statement_of(statement, image, PREDICATE_TYPE):
            yield artifact, statement
    bundles = client.referrers(image, BUNDLE, {PREDICATE: PREDICATE_TYPE})
    for artifact in sorted(bundles, key=str)[:MOST]:
        for layer in client.manifest(artifact).layers:
            statement = statement_in(client.blob(Digest(layer)))
            if is_statement_of(statement, image, PREDICATE_TYPE):
                yield artifact, statement
