"""Reads the settings of a command, once, and the facts of its CI; says whether it may push.

Light: `ecr-push tags` imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from ecr_push.base.errors import SettingsError, SourceError
from ecr_push.base.option import BUILDING, JUDGING
from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from ecr_push.ci.overrides import apply_overrides
from ecr_push.cli.call import Call
from ecr_push.policy.options import PolicyOptions
from ecr_push.settings.declare import Settings, changed, options
from ecr_push.settings.load import Loaded, load, required
from ecr_push.settings.sources import Sources, is_for_several, read_sources, with_file
from ecr_push.settings.trust import trusted_sources, untrusted_code, without_secrets
from ecr_push.settings.wrapper_reports import with_job_reports


def read_settings(
    call: Call, command: str, wrong_arguments: Callable[[Settings], Iterable[str]] = lambda _: ()
) -> tuple[Settings, CiFacts]:
    """Settings and facts for a command. Raises SettingsError.

    wrong_arguments: what is wrong with the command's own arguments, which is reported like a setting.
    """
    loaded, facts = load_trusted(call, command)
    problems = (*wrong_arguments(loaded.settings), *loaded.problems)
    unchosen = loaded.sources.images and not loaded.sources.image
    builds = command in BUILDING and not unchosen
    more = build_problems_of(loaded, facts, call.environ) if builds else ()
    if (problems or more) and command in JUDGING:
        more += _policy_problems(loaded.settings)
    loaded = call.loaded = replace(
        loaded,
        settings=with_job_reports(loaded.settings, call.environ),
        problems=(*problems, *more),
        remedy=loaded.remedy if problems else "",  # each of the others says what to do
    )
    return required(loaded), facts


def build_problems_of(loaded: Loaded, facts: CiFacts, environ: Mapping[str, str]) -> tuple[str, ...]:
    """What the build would lack, so that it is listed with what is wrong with the settings."""
    from ecr_push.settings.build_inputs import build_problems, dockerfile_names, for_build_checks

    settings = loaded.settings
    if loaded.checked_alone:
        settings = without_secrets(settings)
    if settings.builder.call == "check":
        settings = for_build_checks(settings)
    sources = loaded.sources
    found = build_problems(settings, facts, environ, dockerfile_names(sources))
    if not sources.image:
        return tuple(found)
    place = sources.images[sources.image].place
    return tuple(one if one.startswith(f"{sources.path}, line") else f"{place}: {one}" for one in found)


def _policy_problems(settings: Settings) -> tuple[str, ...]:
    """What is wrong with the policy's files, where the run ends anyway: else it reads them once, itself."""
    from ecr_push.base.fences import Fences
    from ecr_push.policy.load import load_policy

    try:  # what is in S3 counts as a policy without rules: AWS is not asked
        load_policy(settings.policy, lambda url, limit: b"{}", Fences.of(settings.source.context))
    except SettingsError as error:
        return error.problems
    return ()


def asks_for_several(call: Call) -> bool:
    """Whether flags or variables ask for more than one image of ecr-push.yml."""
    asked = any(name in call.flags for name in ("all_images", "changed", "only"))
    words = call.flags.get("context")
    asked = asked or (isinstance(words, tuple) and len(words) > 1)
    asked = asked or any(call.environ.get(f"ECR_PUSH_{name}") for name in ("ALL", "CHANGED", "ONLY"))
    return asked and is_for_several(read_sources(call.flags, call.environ).settings())


def takes_reports(command: str) -> bool:
    return any(one.name == "result" for one in options(command))


def read_what_is_valid(call: Call, command: str, flags: Mapping[str, Any]) -> None:
    """Reads the settings of a command that ended before it did; what is wrong with them is reported already.

    flags: as far as the command line could be read.
    """
    # Without docker/metadata-action's variables, which may be the error themselves.
    environ = {name: of for name, of in call.environ.items() if not name.startswith("DOCKER_METADATA_")}
    loaded = load(trusted_sources(flags, environ, read_facts(environ)), command)
    call.loaded = replace(loaded, settings=with_job_reports(loaded.settings, environ))


def read_flags_alone(call: Call, flags: Mapping[str, Any]) -> None:
    """Reads the settings of a command line that names no command."""
    call.loaded = replace(load(read_sources(flags, {}), "run"), command="")


def load_trusted(call: Call, command: str) -> tuple[Loaded, CiFacts]:
    """The settings for a command that reads the checkout, from trusted sources alone, and the CI's facts."""
    facts = read_facts(call.environ)
    sources = trusted_sources(call.flags, call.environ, facts)
    # Code from a fork is only built and checked, which needs no repository.
    on_fork = sources.settings().run.on_fork
    only_checked = sources.file is None and on_fork == "check" and command in ("run", "plan", "build")
    loaded = load(sources, command, needs_repository=not only_checked)
    if only_checked and loaded.settings.run.sandbox and not loaded.settings.registry.repository:
        # The code may reach the sandbox's registry, which has no repository yet: any name will do.
        loaded = replace(loaded, settings=changed(loaded.settings, repository="unnamed"))
    problems = (*loaded.problems, *_choice_problems(sources, command))
    loaded = call.loaded = replace(loaded, checked_alone=only_checked, problems=problems)
    return loaded, apply_overrides(facts, loaded.settings.ci)


def _choice_problems(sources: Sources, command: str) -> Iterable[str]:
    given = sources.settings().images
    if not sources.images and not (given.only or given.all_images or given.changed or command == "matrix"):
        return ()
    from ecr_push.settings.images.choice import choice_problems

    chosen, untrusted = bool(sources.image) or sources.unread, sources.file is None
    return choice_problems(given, sources.images, command, chosen=chosen, untrusted=untrusted)


def read_all_settings(call: Call, command: str, wrong_arguments: Sequence[str] = ()) -> Settings:
    """The settings for a command that builds nothing, from all sources. Raises SettingsError.

    wrong_arguments: what is wrong with the command's own arguments, which is reported like a setting.
    """
    loaded = load(with_file(read_sources(call.flags, call.environ)), command)
    call.loaded = replace(loaded, problems=(*wrong_arguments, *loaded.problems))
    return required(call.loaded)


def read_policy_trial(call: Call) -> tuple[Settings, Settings]:
    """The settings for `policy test`, and the same without the flags that make the new policy."""
    sources = with_file(read_sources(call.flags, call.environ))
    call.loaded = load(sources, "policy test")
    present = load(sources.without_flags({one.name for one in fields(PolicyOptions)}), "policy test")
    return required(call.loaded), required(present)


def pushes(settings: Settings, facts: CiFacts) -> bool:
    """Whether an image is built and goes to the registry: it may, and the settings do not keep it here."""
    stays = settings.builder.call == "check" or settings.destination.stays_here
    return not (stays or _outside(settings, facts))


def not_pushed(settings: Settings, facts: CiFacts) -> str:
    """What is only built and checked, in words; "" where it may be pushed. Raises SourceError with fail."""
    outside = _outside(settings, facts)
    if outside and settings.run.on_fork == "fail":
        raise SourceError(
            f"this is {outside}, which is not pushed",
            remedy="--on-fork check builds it without a push; --on-fork push treats it as any other commit",
        )
    return outside


def _outside(settings: Settings, facts: CiFacts) -> str:
    may_push = settings.run.on_fork == "push" or settings.run.sandbox
    return "" if may_push else untrusted_code(settings, facts)
