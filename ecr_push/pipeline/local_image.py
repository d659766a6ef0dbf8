"""An image that was built and is kept on this machine alone."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import has_registry, whole_name
from ecr_push.builder.destination import INTO_THE_ENGINE, Kept
from ecr_push.pipeline.plan import Plan
from ecr_push.settings.declare import Settings


@dataclass(frozen=True)
class LocalImage:
    """names: in the engine. files: that were written, or folders. platforms: those of the build, if known.

    digest: "" where the builder does not say it.
    """

    names: tuple[str, ...]
    files: tuple[str, ...]
    digest: str
    platforms: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join((*self.names, *self.files))


def kept_of(settings: Settings, plan: Plan) -> Kept:
    """What the settings keep of a build of plan on this machine."""
    options = settings.destination
    outputs = (*((INTO_THE_ENGINE,) if options.load else ()), *options.exports)
    return Kept(tuple(dict.fromkeys(outputs)), _names(settings, plan))


def _names(settings: Settings, plan: Plan) -> tuple[str, ...]:
    """The names that the user gave; else those of the plan.

    The latter have no registry: `docker push` would take them there without a judgement.
    """
    rules = (f"{rule.image}:{rule.value.text}" for rule in settings.tags.tag_rules if rule.image)
    given = (*filter(lambda text: whole_name(text)[0], settings.tags.extra_tags), *rules)
    if given:
        return tuple(dict.fromkeys(given))
    repository = settings.registry.repository
    name = repository.partition("/")[2] if has_registry(repository) else repository
    return tuple(f"{name}:{tag}" for tag in plan.tags) if name else ()


def tags_alone(settings: Settings) -> tuple[str, ...]:
    """The user's own tags without those that are whole names."""
    return tuple(text for text in settings.tags.extra_tags if not whole_name(text)[0])
