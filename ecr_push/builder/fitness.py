"""Whether the service that will run an image takes it: as it is planned, and as it was pushed. Pure.

Each reason names its source. What the sources do not say is not refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ecr_push.builder.platforms import normal
from ecr_push.builder.profile import Profile
from ecr_push.registry.oci import Manifest

LAMBDA_IMAGES = "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html"
LAMBDA_QUOTAS = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
ECS_PLATFORMS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html"
EKS_PLATFORMS = "https://docs.aws.amazon.com/eks/latest/userguide/eks-optimized-amis.html"
# Bytes of all layers, unpacked. A registry knows them packed alone, which is less.
LAMBDA_MOST_BYTES = 10 * 1024**3

NAMES: dict[Profile, str] = {
    "any": "any service",
    "lambda": "AWS Lambda",
    "ecs": "Amazon ECS",
    "eks": "Amazon EKS",
}
_SOURCES: dict[Profile, str] = {"lambda": LAMBDA_IMAGES, "ecs": ECS_PLATFORMS, "eks": EKS_PLATFORMS}
_PLATFORMS: dict[Profile, tuple[str, ...]] = {
    "lambda": ("linux/amd64", "linux/arm64"),
    "ecs": ("linux/amd64", "linux/arm64", "windows/amd64"),
    "eks": ("linux/amd64", "linux/arm64", "windows/amd64"),
}


def refused_as_planned(
    profile: Profile,
    platforms: Sequence[str],
    *,
    parts: Collection[str] = (),
    attested: bool = False,
    public: bool = False,
    host: str = "",
) -> Iterator[str]:
    """Why the service would refuse an image of these platforms, or of these parts, in this registry.

    platforms: none for the builder's own. host: of the registry, where the user named it.
    attested: with provenance or an SBOM beside it.
    """
    if profile == "lambda":
        if parts:
            yield f"--part joins images to an index, and Lambda takes one image alone ({LAMBDA_IMAGES})"
        elif len(platforms) > 1:
            yield (
                f"{len(platforms)} platforms make an index, and Lambda takes an image for one architecture "
                f"alone ({LAMBDA_IMAGES}): give one --platform, and for another architecture another tag"
            )
        if attested:
            yield (
                f"with --provenance or --sbom the image becomes an index, and Lambda takes one image alone "
                f"({LAMBDA_IMAGES}): leave them out"
            )
        if public:
            yield f"Lambda takes images from private repositories of ECR alone ({LAMBDA_IMAGES})"
        if "ecr-fips" in host:
            yield (
                f"Lambda takes no image by the name of a FIPS endpoint ({LAMBDA_IMAGES}): give --repository "
                "without a registry"
            )
    yield from _of_platforms(profile, platforms)


def refused_as_pushed(profile: Profile, manifest: Manifest, platforms: Sequence[str]) -> Iterator[str]:
    """Why the service would refuse this image, whose platforms are as its configuration or its index says."""
    if profile == "lambda":
        if manifest.is_index:
            yield (
                f"it is an index of {len(manifest.children())} manifests, and Lambda takes one image alone "
                f"({LAMBDA_IMAGES}): build for one platform, and without attestations"
            )
        elif manifest.layer_bytes > LAMBDA_MOST_BYTES:
            packed = manifest.layer_bytes / 1024**3
            yield (
                f"its layers are {packed:.1f} GiB packed, and Lambda takes 10 GB unpacked ({LAMBDA_QUOTAS})"
            )
    yield from _of_platforms(profile, platforms)


def doubts_as_pushed(profile: Profile, manifest: Manifest) -> Iterator[str]:
    """What the service may refuse, and its documentation does not say."""
    if profile == "lambda" and any(one.endswith("zstd") for one in manifest.layer_types):
        yield (
            "layers are compressed with zstd: AWS's pages say that Fargate takes those, and say nothing of "
            "Lambda; gzip is certain"
        )


def _of_platforms(profile: Profile, platforms: Sequence[str]) -> Iterator[str]:
    """An index may hold more than the service runs; it chooses what it can."""
    known = _PLATFORMS.get(profile)
    if known and platforms and not {normal(one) for one in platforms} & set(known):
        yield (
            f"{', '.join(platforms)}: {NAMES[profile]} runs {', '.join(known[:-1])} and {known[-1]} "
            f"({_SOURCES[profile]})"
        )
