"""Statements that are attached to an image as they are, each in an artifact of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ecr_push.base.parse import read_json
from ecr_push.base.reference import Digest
from ecr_push.registry.interface import Reader
from ecr_push.registry.oci import Manifest

IN_TOTO = "application/vnd.in-toto+json"
MOST = 100  # artifacts that are read


def attached_statements(
    image: Digest, kind: str, client: Reader
) -> Iterator[tuple[Digest, Mapping[str, Any]]]:
    """The artifacts whose subject is the image, and the statements with this type of predicate in them."""
    for artifact in sorted(client.referrers(image, IN_TOTO, {}), key=str)[:MOST]:
        for statement in statements_in(client.manifest(artifact), (kind,), client):
            yield artifact, statement


def statements_in(manifest: Manifest, kinds: tuple[str, ...], client: Reader) -> Iterator[Mapping[str, Any]]:
    """The statements in an artifact that have one of these types of predicate."""
    for kind, layer in zip(manifest.predicates, manifest.layers, strict=True):
        if kind in kinds:
            try:
                statement = read_json(client.blob(Digest(layer)))
            except ValueError:
                continue
            if isinstance(statement, dict):
                yield statement
