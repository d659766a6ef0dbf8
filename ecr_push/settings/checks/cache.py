"""What does not go together with a build cache."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.base.reference import has_registry, parse_repository


def cache_of_a_build(
    cache: str, cache_repository: str, image: str, parts: Sequence[str], repository: str
) -> Iterable[tuple[str, str]]:
    """See `checks`."""
    if cache_repository and cache != "ecr":
        yield "cache_repository", "is for --cache ecr"
    if cache == "none":
        return
    if image or parts:
        yield "cache", f"has no effect with {'--image' if image else '--part'}, which builds nothing"
    target = parse_repository(repository) if has_registry(repository) else None
    if cache == "ecr" and target and target.registry.kind == "public":
        yield "cache", "ecr would publish what is built in between: ECR Public has no private repositories"
    if cache_repository and cache_repository == (target.name if target else repository):
        yield (
            "cache_repository",
            "is the image's own: its tags may be immutable, and each cache would be scanned",
        )
