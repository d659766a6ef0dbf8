"""The images that an image is built from: each by the digest that the registry has for this checkout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecr_push.base.errors import SettingsError
from ecr_push.base.reference import Tag
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.images.changed import unchanged_images
from ecr_push.pipeline.images.wanted import ImagesFile, Wanted
from ecr_push.registry.options import target_of
from ecr_push.settings.declare import Settings, changed
from ecr_push.source.head import Head


def with_needed(
    settings: Settings,
    name: str,
    needed: Sequence[Wanted],
    arguments: Mapping[str, str],
    head: Head,
    file: ImagesFile,
    tools: Tools,
) -> Settings:
    """settings of the image name, with those it needs as build contexts, or in build arguments.

    arguments: of each, the build argument; "" for a build context with its name.

    Raises SettingsError, with all of them, where the registry does not have what the checkout says; a dry run
    goes on without them. Raises RegistryError.
    """
    found = unchanged_images(needed, head, file, tools.open_repository)
    missing = [(one.name, why) for one, (tag, why) in zip(needed, found, strict=True) if not tag]
    if missing and not settings.run.dry_run:
        raise SettingsError(
            [f"{name} needs {base}, which has to run first: {why}" for base, why in missing],
            what=f"an image that {name} needs is not there",
            remedy=f"run them together: ecr-push run {' '.join(base for base, _ in missing)} {name}",
        )
    for base, why in missing:
        tools.narrator.say(f"{base} would run first: {why}")
    contexts, args = [*settings.builder.build_contexts], [*settings.builder.build_args]
    for one, (tag, _) in zip(needed, found, strict=True):
        if not tag:
            continue
        client = tools.open_repository(target_of(one.settings.registry))
        digest = client.digests([Tag(tag)])[Tag(tag)]
        image = f"{client.locate().uri}@{digest.value}"
        tools.narrator.say(f"{one.name} is {image}, tagged {tag}")
        if argument := arguments[one.name]:
            args.append(f"{argument}={image}")
        else:
            contexts.append(f"{one.name}=docker-image://{image}")
    return changed(settings, build_contexts=tuple(contexts), build_args=tuple(args))
