"""From an OCI layout to a candidate in the registry: the image keeps its digest, and no engine is needed."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Event

from ecr_push.builder.layout import verified_layout
from ecr_push.pipeline.build_and_push import create_missing
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight
from ecr_push.pipeline.record import Record
from ecr_push.registry.copy.pace import Pace
from ecr_push.registry.copy.send import send_blobs
from ecr_push.registry.image import PushedImage, describe_pushed
from ecr_push.registry.interface import RepositoryClient


def push_layout(
    plan: Plan, preflight: Preflight, client: RepositoryClient, tools: Tools, record: Record
) -> PushedImage:
    """Verifies the layout, and pushes its image as the candidate. Raises BuildError, RegistryError."""
    stop = Event()
    with ExitStack() as kept:
        kept.callback(stop.set)
        with record.phase("build"):
            tools.narrator.say(f"using the image of {plan.build.image}")
            layout = kept.enter_context(verified_layout(plan.build.image))
        with record.phase("push"):
            create_missing(plan, preflight, client, tools, record, None)
            blobs = send_blobs(layout.blobs, layout, client.layers, Pace(tools.clock), stop)
            for manifest in layout.manifests[:-1]:
                client.put_untagged(manifest)
            client.put_tag(layout.image, plan.candidate)
            pushed = describe_pushed(preflight.repository, layout.image, client.manifest)
            tools.narrator.say(f"layers: {blobs}")
            tools.narrator.say(f"pushed {pushed.reference}")
    return pushed
