"""The names that the AWS SDK knows: regions, with what is wrong with one's spelling, and profiles."""

from __future__ import annotations

from ecr_push.base.suggest import did_you_mean


def spelling_hint(region: str) -> str:
    """Say that the SDK does not know a region, which may also be a new one; "" for one that it knows."""
    known = known_regions()
    if region in known or region.endswith("-global"):
        return ""
    return f"{region!r} is a region that the AWS SDK does not know{did_you_mean(region, known)}"


def known_regions() -> list[str]:
    """The regions of ECR in every partition, sorted."""
    from ecr_push.registry.aws.sdk_data import new_session

    core = new_session()
    return sorted(
        {
            one
            for partition in core.get_available_partitions()
            for one in core.get_available_regions("ecr", partition_name=partition)
        }
    )


def known_profiles() -> list[str]:
    """The profiles of the user's AWS configuration."""
    from ecr_push.registry.aws.sdk_data import new_session

    return list(new_session().available_profiles)
