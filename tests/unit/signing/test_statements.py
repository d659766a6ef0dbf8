from __future__ import annotations

import json
from typing import Any

from ecr_push.base.reference import Digest
from ecr_push.signing.statements import statements_in
from tests.support.fakes import manifest


class Blobs:
    def __init__(self, **by_digit: bytes) -> None:
        self.by_digit = by_digit

    def blob(self, digest: Digest) -> bytes:
        return self.by_digit[f"x{digest.value[7]}"]


def test_what_is_not_json_is_left_out() -> None:
    layers = [
        {"mediaType": "x", "digest": f"sha256:{one * 64}", "annotations": {"in-toto.io/predicate-type": kind}}
        for one, kind in (("1", "a"), ("2", "a"), ("3", "a"), ("4", "b"))
    ]
    made = manifest("x")
    of = type(made)(made.digest, "application/vnd.oci.image.manifest.v1+json", json.dumps({"layers": layers}))
    client: Any = Blobs(x1=b"{", x2=b"[]", x3=b'{"a": 1}', x4=b'{"b": 1}')
    found = statements_in(of, ("a",), client)
    assert list(found) == [{"a": 1}]
