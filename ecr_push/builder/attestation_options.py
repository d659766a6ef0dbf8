"""The options of a build's attestations."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import BUILDING, HOW_TO_BUILD, option
from ecr_push.builder.attestations import OFF, Attest, Attestations, Provenance, Sbom, attestations_of


@dataclass(frozen=True, eq=False, repr=False)
class AttestationOptions:
    """What BuildKit attests of a build."""

    provenance: Provenance = option(
        OFF,
        HOW_TO_BUILD,
        BUILDING,
        "How the image was built, pushed beside it, which makes it an index: off, min, or max, which shows "
        "build arguments and the Dockerfile; or docker's form, such as mode=max,version=v1.",
        metavar="MODE",
    )
    sbom: Sbom = option(
        OFF,
        HOW_TO_BUILD,
        BUILDING,
        "The image's contents, pushed beside it, which makes it an index: true for docker's scanner, or "
        "generator=IMAGE.",
        metavar="true|generator=IMAGE",
    )
    attests: tuple[Attest, ...] = option(
        (),
        HOW_TO_BUILD,
        BUILDING,
        "Either of them in docker's other form, such as type=sbom,generator=IMAGE; may be repeated.",
        metavar="type=TYPE",
        key="attest",
        separator="\n",
    )
    oci_artifact: bool = option(
        False,
        HOW_TO_BUILD,
        BUILDING,
        "Push attestations as OCI artifacts, which the registry lists as referrers of the image; a registry "
        "that refuses them gets image manifests.",
    )


def attested(options: AttestationOptions) -> Attestations:
    """What the options mean together."""
    return attestations_of(
        options.provenance, options.sbom, options.attests, oci_artifact=options.oci_artifact
    )
