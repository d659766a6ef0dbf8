"""A region -> what is wrong with its spelling."""

from __future__ import annotations

from ecr_push.base.suggest import did_you_mean


def spelling_hint(region: str) -> str:
    """Say that the SDK does not know a region, which may also be a new one; "" for one that it knows."""
    from ecr_push.registry.aws.sdk_data import new_session

    core = new_session()
    known = {
        one
        for partition in core.get_available_partitions()
        for one in core.get_available_regions("ecr", partition_name=partition)
    }
    if region in known or region.endswith("-global"):
        return ""
    return f"{region!r} is a region that the AWS SDK does not know{did_you_mean(region, sorted(known))}"
