"""What a build needs of this machine, and what its service takes: all of it that shows before git is asked.

So that the mistakes in it are listed with those in the settings, before AWS is asked anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ecr_push.base.errors import SettingsError
from ecr_push.base.paths import find_top, named_path
from ecr_push.builder.attestation_options import attested
from ecr_push.builder.buildkit_checks import missing_inputs
from ecr_push.builder.context_problems import BY_FLAG, DockerfileNames, context_problems
from ecr_push.builder.fitness import refused_as_planned
from ecr_push.builder.layout import layout_problems
from ecr_push.builder.plan import BuildPlan, plan_build
from ecr_push.builder.platforms import annotations_of_others, build_platforms, misspelt
from ecr_push.builder.secret_args import shown_secrets
from ecr_push.ci.facts import CiFacts
from ecr_push.registry.options import target_of
from ecr_push.settings.declare import Settings, changed
from ecr_push.settings.given import Given
from ecr_push.settings.sources import Sources
from ecr_push.settings.trust import without_secrets
from ecr_push.source.git_context import address_of


def build_problems(
    settings: Settings,
    facts: CiFacts,
    environ: Mapping[str, str],
    names: DockerfileNames = BY_FLAG,
) -> Iterator[str]:
    """Everything that is missing, or that would be refused; nothing of a secret is in it."""
    context = settings.source.context
    build = plan_build(settings.builder, Path(context), remote=address_of(context))
    if not build.is_built_elsewhere:
        try:
            build = replace(build, platforms=build_platforms(build.platforms, environ))
        except SettingsError as error:
            yield from error.problems
        build = replace(build, attestations=attested(settings.attestations))
    for problem in misspelt(settings.builder.platforms):
        yield f"--platform {problem}"
    for problem in annotations_of_others(settings.tags.annotations, build.platforms):
        yield f"--annotation: {problem}"
    yield from layout_problems(build.image)
    yield from _refused(settings, build)
    yield from _shown(build)
    if not settings.registry.repository and not build.context.exists():
        return  # the context may be meant as the repository, which a check of the settings says
    is_checkout = find_top(named_path(build.context)) is not None
    yield from context_problems(build, "" if is_checkout else facts.provider.advice.checkout, names)
    if not build.is_built_elsewhere:
        yield from missing_inputs(build.inputs, build.context, environ)


def _refused(settings: Settings, build: BuildPlan) -> Iterator[str]:
    profile, target = settings.profile.deploy_for, target_of(settings.registry)
    for problem in refused_as_planned(
        profile,
        build.platforms,
        parts=build.parts,
        attested=bool(build.attestations),
        public=target.public,
        host=target.host,
    ):
        yield f"--for {profile}: {problem}"


def _shown(build: BuildPlan) -> Iterator[str]:
    if build.attestations.shows_arguments:
        for name in shown_secrets(build):
            yield (
                f"--provenance mode=max would show the build argument {name}, which looks like a secret: "
                "hand it over with --secret, or give --provenance mode=min"
            )


def dockerfile_names(sources: Sources) -> DockerfileNames:
    """How messages name the Dockerfile, by where it is given; the other images' ones are not meant."""
    given = sources.given.get("dockerfile")
    place = f"{given.origin}:" if given and not given.origin.startswith("-") else "--dockerfile"
    others = [one for name, one in sources.images.items() if name != sources.image]
    return DockerfileNames(
        place,
        "dockerfile:" if sources.image else "--dockerfile",
        frozenset(os.path.normpath(_dockerfile(one.given)) for one in others),
    )


def _dockerfile(given: Mapping[str, Given]) -> str:
    own = given.get("dockerfile")
    return str(own.value) if own and not own.mistakes else f"{given['context'].value}/Dockerfile"


def for_build_checks(settings: Settings) -> Settings:
    """settings without what docker's build checks make no use of."""
    return changed(without_secrets(settings), cache_from=())
