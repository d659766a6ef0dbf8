"""Tries a lifecycle policy on a repository as it is, before ECR carries it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ecr_push.base.checkout_files import NotTextError, read_bytes, utf8
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError, SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.reference import Digest, Repository
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.lifecycle_needs import needs_of
from ecr_push.registry.interface import Reader
from ecr_push.registry.lifecycle_api import PreviewedImage
from ecr_push.registry.options import target_of
from ecr_push.registry.stored_image import StoredImage
from ecr_push.settings.declare import Settings
from ecr_push.upkeep.lifecycle.evaluate import Repository as Evaluated
from ecr_push.upkeep.lifecycle.evaluate import Taken, forecast
from ecr_push.upkeep.lifecycle.in_use import images_in_use
from ecr_push.upkeep.lifecycle.lint import Need, Trap, find_traps
from ecr_push.upkeep.lifecycle.model import LifecyclePolicy
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError
from ecr_push.upkeep.lifecycle.sentences import as_json
from ecr_push.upkeep.lifecycle.size import freed_bytes
from ecr_push.upkeep.lifecycle.text import read_policy_text
from ecr_push.versions.schemes.choice import parse_scheme

FILE_BYTES = 1024 * 1024
IN_USE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class LifecycleQuestion:
    """What is asked. policy: a file; "" for the repository's own. in_use: files that name images.

    days: how far to look ahead. preview: whether ECR is asked for its own preview, too. layers: whether the
    layers of each image are read, which ECR may take for a pull of it.
    """

    policy: str = ""
    in_use: tuple[str, ...] = ()
    days: int = 30
    preview: bool = False
    layers: bool = False


@dataclass(frozen=True)
class LifecycleTrial:
    """What a policy would do to a repository.

    selected:  how many images each rule selects now, by its priority.
    taken:     in the order of time, within the days that were asked for.
    unsure:    what is taken only if ECR counts referrers as images, or only if it does not.
    freed:     the bytes of what is deleted, as ECR bills them if the layers were read, and else at most.
    different: what ECR's preview says otherwise of today, in words; None where it was not asked.
    """

    repository: Repository
    policy: LifecyclePolicy
    images: tuple[StoredImage, ...]
    selected: Mapping[int, int]
    taken: tuple[Taken, ...]
    unsure: tuple[Taken, ...]
    traps: tuple[Trap, ...]
    freed: int
    different: tuple[str, ...] | None = None


def try_lifecycle(question: LifecycleQuestion, settings: Settings, tools: Tools) -> LifecycleTrial:
    """Raises SettingsError for files with mistakes, RegistryError where the repository has no policy."""
    tools.narrator.phase("lifecycle")
    fences = Fences.of(settings.source.context)
    given, in_use = _files(question, fences)
    target = target_of(settings.registry)
    if target.public:
        raise SettingsError(["--repository: is one of ECR Public, which has no lifecycle policies"])
    client = tools.open_repository(target)
    state = client.describe()
    if state is None:
        raise RegistryError(
            f"there is no repository {settings.registry.repository}", remedy="check --repository and --region"
        )
    policy = given or _own(client, state.repository)
    images = client.lifecycle.images(layers=question.layers)
    now = tools.clock.now()
    until = now + timedelta(days=question.days)
    counted, uncounted = (
        tuple(forecast(policy, images, now, until, count_referrers=how)) for how in (True, False)
    )
    scheme = parse_scheme(settings.versions.version_scheme)
    needs = _needs(needs_of(images, scheme), images, in_use, state.repository)
    evaluated = Evaluated(policy, images, count_referrers=True)
    selected = {rule.priority: len(evaluated.selected(rule)[0]) for rule in policy.rules}
    return LifecycleTrial(
        state.repository,
        policy,
        images,
        selected,
        counted,
        _only_in_one(counted, uncounted),
        find_traps(evaluated, counted, needs),
        freed_bytes(images, {one.image.digest for one in counted if one.expires}),
        _differences(client.lifecycle.preview(as_json(policy)), images, counted, now)
        if question.preview
        else None,
    )


def _files(question: LifecycleQuestion, fences: Fences) -> tuple[LifecyclePolicy | None, Mapping[str, str]]:
    """The policy to try, and the texts that name what is in use. Raises SettingsError with every mistake."""
    problems: list[str] = []
    policy = None
    if question.policy:
        text = _text(question.policy, "--lifecycle", FILE_BYTES, fences, problems)
        try:
            policy = read_policy_text(text) if text is not None else None
        except LifecyclePolicyError as error:
            problems += [f"--lifecycle {question.policy}: {one}" for one in error.problems]
    in_use = read_in_use(question.in_use, fences, problems)
    if problems:
        raise SettingsError(problems)
    return policy, in_use


def read_in_use(files: Sequence[str], fences: Fences, problems: list[str]) -> Mapping[str, str]:
    """The texts of files that name images in use; what is wrong with them goes to problems."""
    found = {file: _text(file, "--in-use", IN_USE_BYTES, fences, problems) for file in files}
    return {file: text for file, text in found.items() if text is not None}


def _text(file: str, flag: str, limit: int, fences: Fences, problems: list[str]) -> str | None:
    try:
        return utf8(read_bytes(Path(file), limit, fences, streams=True))
    except NotTextError as error:
        problems.append(f"{flag}: cannot read {file}: {error}")
    except OSError as error:
        problems.append(f"{flag}: cannot read {file}: {error.strerror or error}")
    return None


def _own(client: Reader, repository: Repository) -> LifecyclePolicy:
    """The policy that the repository has."""
    text = client.lifecycle.policy()
    if not text:
        raise RegistryError(
            f"{repository.name} has no lifecycle policy", remedy="name one to try: --lifecycle FILE"
        )
    try:
        return read_policy_text(text)
    except LifecyclePolicyError as error:
        raise RegistryError(
            f"the lifecycle policy of {repository.name} cannot be evaluated here",
            why="; ".join(error.problems),
        ) from error


def _needs(
    found: dict[Digest, list[Need]],
    images: Sequence[StoredImage],
    in_use: Mapping[str, str],
    repository: Repository,
) -> Mapping[Digest, Sequence[Need]]:
    """Why images have to stay: what `needs_of` has found, and the files that name them."""
    for file, text in in_use.items():
        for digest, name in images_in_use(text, repository.name, images).items():
            found.setdefault(digest, []).append(Need(f"{name}, which {file} names"))
    return found


def _only_in_one(counted: Sequence[Taken], uncounted: Sequence[Taken]) -> tuple[Taken, ...]:
    """What goes by one reading alone of what ECR does not document."""
    in_both = {one.image.digest for one in counted} & {one.image.digest for one in uncounted}
    return tuple(one for one in (*counted, *uncounted) if one.image.digest not in in_both)


def _differences(
    preview: Mapping[Digest, PreviewedImage],
    images: Sequence[StoredImage],
    taken: Sequence[Taken],
    now: datetime,
) -> tuple[str, ...]:
    """Where ECR's preview and the evaluation of today differ, in words."""
    ours = {one.image.digest: one for one in taken if one.at == now and one.rule}
    names = {image.digest: image.name for image in images}
    found = []
    for digest in sorted({*preview, *ours}, key=str):
        theirs = preview.get(digest)
        own = ours.get(digest)
        said = f"rule {theirs.priority} takes it" if theirs else "no rule takes it"
        here = f"rule {own.rule.priority} takes it" if own and own.rule else "no rule takes it"
        if said != here:
            found.append(f"{names.get(digest, digest.short)}: {said} in ECR's preview, and {here} here")
    return tuple(found)
