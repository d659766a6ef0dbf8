"""Layers of both kinds of ECR registry: presence over ECR's API, bytes over the OCI distribution API.

ECR loses what follows the first chunk of an upload in chunks (aws/containers-roadmap#2831), so a blob goes in
one PUT: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any
from urllib.parse import quote

from ecr_push.base import background
from ecr_push.base.reference import Digest, Repository
from ecr_push.base.shape import each, optional_text, parsed
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.layer_api import Blob, LayerReader, OpenBlob, Sent, Stream, TransferError
from ecr_push.registry.wire import Wire

# The most digests that BatchCheckLayerAvailability takes: shape BatchedOperationLayerDigestList.
BATCH = 100


class EcrLayers:
    """See `Layers`."""

    def __init__(self, api: RepositoryApi, wire: Wire) -> None:
        self._api = api
        self._wire = wire

    def missing(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        asked = sorted(set(digests), key=str)
        there: set[Digest] = set()
        for begin in range(0, len(asked), BATCH):
            found = self._api.read(
                "batch_check_layer_availability",
                lambda answer: each(_available, answer, "layers", required=True),
                layerDigests=[one.value for one in asked[begin : begin + BATCH]],
            )
            there |= {one for one in found if one}
        return frozenset(asked) - there

    @contextmanager
    def open(self, blob: Blob) -> Iterator[Stream]:
        with self._wire.asked("GET", f"blobs/{blob.digest}", (200,)) as answer:
            yield checked(answer, blob)

    def put(self, blob: Blob, open_blob: OpenBlob, mount_from: Repository | None = None) -> Sent:
        if mount_from:
            location = self._begin(f"?mount={quote(blob.digest.value)}&from={quote(mount_from.name)}")
            if not location:
                return "mounted"
            with open_blob() as stream:
                return self._finish(blob, stream, location)
        begun = background.start(partial(self._begin, ""), "begin upload")  # while the source looks for it
        with open_blob() as stream:
            return self._finish(blob, stream, begun.result())

    def _begin(self, mount: str) -> str:
        """Where an upload goes on; "" where the blob was mounted."""
        with self._wire.asked(
            "POST", f"blobs/uploads/{mount}", (201, 202), {"Content-Length": "0"}
        ) as answer:
            if answer.status == 201 and mount:
                return ""
            if location := answer.header("Location"):
                return location
        raise TransferError("a registry began an upload without saying where", status=502)

    def _finish(self, blob: Blob, stream: Stream, location: str) -> Sent:
        finish = f"{location}{'&' if '?' in location else '?'}digest={quote(blob.digest.value)}"
        about = {"Content-Length": str(blob.size), "Content-Type": "application/octet-stream"}
        with self._wire.asked("PUT", finish, (201, 204), about, body=stream):
            return "sent"


class DryLayers:
    """See `Layers`. Reads through inner, and sends nothing."""

    def __init__(self, inner: LayerReader) -> None:
        self._inner = inner

    def missing(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        return self._inner.missing(digests)

    def open(self, blob: Blob) -> AbstractContextManager[Stream]:
        return self._inner.open(blob)

    def put(self, blob: Blob, open_blob: OpenBlob, mount_from: Repository | None = None) -> Sent:
        return "no"


def checked(answer: Stream, blob: Blob) -> Stream:
    """The same bytes. To read them raises TransferError at the end if they are not the blob's."""
    return _Checked(answer, blob)


class _Checked:
    """The body of an answer, which ends with an error unless it is what the blob's digest is of."""

    def __init__(self, answer: Stream, blob: Blob) -> None:
        self._answer = answer
        self._blob = blob
        self._hash = hashlib.sha256()
        self._size = 0

    def read(self, amount: int = -1, /) -> bytes:
        piece = self._answer.read(amount)
        self._hash.update(piece)
        self._size += len(piece)
        if self._size > self._blob.size or (not piece and amount != 0):
            self._check()
        return piece

    def _check(self) -> None:
        if self._size != self._blob.size:
            raise TransferError(
                f"{self._blob.digest} has other bytes than its manifest says",
                why=f"{self._size} bytes came, and it has {self._blob.size}",
            )
        if f"sha256:{self._hash.hexdigest()}" != self._blob.digest.value:
            raise TransferError(f"{self._blob.digest} has other bytes than its digest says")


def _available(one: Mapping[str, Any]) -> Digest | None:
    there = optional_text(one, "layerAvailability") == "AVAILABLE"
    return parsed(Digest, one, "layerDigest") if there else None
