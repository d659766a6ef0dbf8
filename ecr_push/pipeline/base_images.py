"""Which digests the tags of base images have now, in whatever registry they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError
from ecr_push.base.reference import Digest
from ecr_push.base.shorten import shorten
from ecr_push.base.source_name import SourceName
from ecr_push.builder.base_images import image_of, left_out_bases, outside_bases
from ecr_push.builder.buildkit_values import context_of
from ecr_push.builder.interface import dockerfile_text
from ecr_push.builder.plan import Base, build_args
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.copies.selection import open_source
from ecr_push.pipeline.timeline import Timed
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.layer_api import UnreachableError
from ecr_push.registry.options import RegistryOptions
from ecr_push.settings.declare import Settings
from ecr_push.source.git_context import address_of

# How long all of them may take: a registry that does not answer stops no build.
SECONDS = 10.0
AT_ONCE = 16
_LONGEST = 200  # characters of why one is not known

# The digest that a tag has, or why that is not known.
Answer = Digest | str


def look_up(
    images: Iterable[SourceName], options: RegistryOptions, tools: Tools
) -> Mapping[SourceName, Answer]:
    """What registries say of these, some at the same time. options: of the run's own registry.

    A registry that gives no answer at all is not asked for the others, and holds up none from elsewhere.
    """
    wanted = _in_turns(dict.fromkeys(images))
    silent: dict[str, str] = {}

    def ask(image: SourceName) -> Answer:
        try:
            return silent.get(_host(image)) or _look_up(image, options, tools)
        except UnreachableError as error:
            return silent.setdefault(_host(image), _said(error))

    asks = [partial(ask, image) for image in wanted]
    answers = background.all_within(SECONDS, asks, "look up base image", AT_ONCE)
    late = f"no answer within {SECONDS:.0f} seconds"
    return {image: late if one is None else one for image, one in zip(wanted, answers, strict=True)}


def _in_turns(images: Iterable[SourceName]) -> list[SourceName]:
    """One of each registry after the other."""
    by_host: dict[str, list[SourceName]] = {}
    for image in images:
        by_host.setdefault(_host(image), []).append(image)
    return [image for turn in zip_longest(*by_host.values()) for image in turn if image]


def _host(image: SourceName) -> str:
    return image.registry.host if image.registry else ""


def _look_up(image: SourceName, options: RegistryOptions, tools: Tools) -> Answer:
    assert image.tag  # noqa: S101 - `image_of` gives it one
    try:
        source = open_source(image, options, tools, hurried=True).source
        return source.digests([image.tag]).get(image.tag) or "its registry has no such tag"
    except UnreachableError:
        raise
    except EcrPushError as error:
        if isinstance(error, AwsRefusedError) and error.code == "RepositoryNotFoundException":
            return "its registry has no such repository"
        return _said(error)


def _said(error: EcrPushError) -> str:
    return shorten(f"{error.what}: {error.why}" if error.why else error.what, _LONGEST)


def bases_of(settings: Settings, needs: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The outside images without a digest in the Dockerfile of the settings, as it names them.

    needs: images that the build is given, each with the build argument that gets its name, or "".
    """
    read = _dockerfile(settings, needs)
    return outside_bases(*read) if read else ()


def _dockerfile(
    settings: Settings, needs: Mapping[str, str] | None = None
) -> tuple[str, str, Mapping[str, str], Sequence[str]] | None:
    """Its text, the target, the build arguments and the names of build contexts; None where none is built."""
    builder, context = settings.builder, settings.source.context
    if builder.image or builder.parts:
        return None
    text = dockerfile_text(builder, Path(context), address_of(context))
    if not text:
        return None
    given = needs or {}
    contexts = [name for name, argument in given.items() if not argument]
    contexts += [name for name, _ in map(context_of, builder.build_contexts)]
    args = {**dict(build_args(builder)), **{one: "scratch" for one in given.values() if one}}
    return text, builder.target, args, contexts


def ask_bases(settings: Settings, tools: Tools, timed: Timed) -> Callable[[], tuple[Base, ...]]:
    """Starts to ask for the bases of a build. What it returns waits for those that are known.

    A line of the log says which digest each has; what is not known is built from as it comes.
    """
    read = _dockerfile(settings)
    if not read:
        return tuple
    for name, why in left_out_bases(*read).items():
        tools.narrator.warn(f"base {name} is not followed: {why}")
    names = {name: image for name in outside_bases(*read) if (image := image_of(name))}
    if not names:
        return tuple
    ask = partial(look_up, names.values(), settings.registry, tools)
    asked = background.start(timed("base images", ask), "look up base images")

    def answer() -> tuple[Base, ...]:
        known = []
        for name, image in names.items():
            said = asked.result()[image]
            if isinstance(said, Digest):
                known.append(Base(name, str(image), said))
                tools.narrator.say(f"base {name} is {said.short}")
            else:
                tools.narrator.warn(f"base {name} is not followed, for its digest is not known: {said}")
        return tuple(known)

    return answer
