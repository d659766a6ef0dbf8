"""What a build is asked to push, for each version of buildx, and whether a registry refuses its form."""

from __future__ import annotations

import re

from ecr_push.base.regex import lazy_regex
from ecr_push.builder.attestations import Attestations
from ecr_push.builder.compression import Compression

# Before this version, buildx made an engine with the containerd image store push a second time, which finds
# nothing to push with store=false: https://github.com/docker/buildx/pull/3023
# And it kept each definition, build arguments included, in its configuration's `refs`:
# https://github.com/docker/buildx/commit/f5196f1167
RECENT = (0, 22)
# What ECR has answered to a manifest with a subject, 405 and a text of its own, as clients show it:
# https://github.com/moby/buildkit/issues/5747, https://github.com/opcr-io/policy/issues/149
_REFUSED_ARTIFACT = lazy_regex(
    r"unexpected status from PUT request to \S+/manifests/\S+: 405\b"
    r"|unsupported: (?:Invalid parameter at 'ImageManifest'|The operation is unsupported)"
)


def push_output(version: str, compression: Compression, attestations: Attestations | None = None) -> str:
    """Returns the value of --output for this version of buildx.

    Without attestations BuildKit before 0.31 writes Docker's media types, later ones OCI's: a commit would
    have another digest with each. Docker's have no annotations, and no type for layers of zstd.
    https://github.com/moby/buildkit/blob/v0.31.0/docs/build-repro.md
    ECR and Lambda take both:
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html
    https://docs.aws.amazon.com/lambda/latest/dg/images-create.html

    store=false keeps candidates out of the engine's image list, and avoids unpacking them; builders without
    an image store ignore it.
    """
    more = attestations.output() if attestations else ""
    output = f"type=image,oci-mediatypes=true{compression.attributes()}{more}"
    return f"{output},store=false" if is_from(RECENT, version) else output


def refuses_artifacts(error: str) -> bool:
    """Whether the registry has refused an attestation as an OCI artifact, by BuildKit's message."""
    return bool(_REFUSED_ARTIFACT.search(error))


def is_from(first: tuple[int, int], version: str) -> bool:
    """Whether a version of buildx is first or a later one."""
    numbers = re.match(r"v?(\d+)\.(\d+)\.", version)
    return (int(numbers[1]), int(numbers[2])) >= first if numbers else False
