"""What the tests of deployments share: an image, options, and the wait for it without a wait."""

from __future__ import annotations

import json
from typing import Any

from ecr_push.base.reference import parse_repository
from ecr_push.delivery.services.image import ImageToDeploy
from ecr_push.delivery.services.plan import Waiting
from ecr_push.pipeline.deployment import Deployment
from ecr_push.registry.image import describe_pushed
from ecr_push.registry.oci import Manifest
from tests.support.fakes import FakeClock, FakeNarrator, FakeRepository, digest, index, manifest

URI = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/shop"
ONE = manifest("one")
ARM = manifest("arm")
BOTH = index(
    {
        "digest": one.digest.value,
        "mediaType": one.media_type,
        "size": 1,
        "platform": {"os": "linux", "architecture": of},
    }
    for one, of in ((ONE, "amd64"), (ARM, "arm64"))
)
IMAGE = f"{URI}@{ONE.digest}"
OLD = f"{URI}@{digest('old')}"


def to_deploy(
    what: Manifest = ONE, *platforms: str, uri: str = URI, policy: Any = None, layers: Any = ()
) -> ImageToDeploy:
    """platforms: linux/amd64 if none is given."""
    if layers:
        what = Manifest(what.digest, what.media_type, json.dumps({**json.loads(what.body), "layers": layers}))
    client = FakeRepository(manifests=(what, *((ONE, ARM) if what.is_index else ())))
    pushed = describe_pushed(parse_repository(uri), what, client.manifest)
    known = platforms or tuple(one.platform for one in pushed.images if one.platform) or ("linux/amd64",)
    return ImageToDeploy(pushed, known, what, client, policy)


class Waits(Waiting):
    """For a minute of a clock that only a wait moves. noted: what became of a deployment, step by step."""

    def __init__(self, limit: float = 60) -> None:
        self.clock, self.narrator = FakeClock(), FakeNarrator()
        self.noted: list[Deployment] = []
        super().__init__(self.clock, self.narrator, limit)
