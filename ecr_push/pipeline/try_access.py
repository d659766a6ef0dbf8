"""Would a principal be allowed? Over the policies that ECR has, or as a file would make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError, SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.iam.decide import Policies
from ecr_push.base.iam.document import Patterns, Policy, Statement
from ecr_push.base.iam.kinds import IDENTITY, REGISTRY, REPOSITORY, Kind
from ecr_push.base.iam.read import PolicyError, read_policy, read_policy_text
from ecr_push.base.parse import read_json
from ecr_push.base.place import Place
from ecr_push.base.shorten import first_of
from ecr_push.pipeline.context import Tools
from ecr_push.registry.key_access import ENABLED, KeyAccess
from ecr_push.registry.options import target_of
from ecr_push.registry.repositories import Repositories
from ecr_push.settings.declare import Settings
from ecr_push.upkeep.access.answer import (
    OF_REGISTRY,
    OF_REPOSITORY,
    Answer,
    Situation,
    Verdict,
    answer,
    verdict_of,
)
from ecr_push.upkeep.access.key import with_key
from ecr_push.upkeep.access.question import Subject, Values, read_actions, read_context, read_subject
from ecr_push.upkeep.model import Wanted
from ecr_push.upkeep.read import read_repositories
from ecr_push.upkeep.registry.read import read_registry_file
from ecr_push.upkeep.registry.sections.policy import POLICY

T = TypeVar("T")
FILE_BYTES = 1024 * 1024
# In place of a file: policies that allow everything.
EVERYTHING = "*"
_ALL = Patterns(("*",))
# What the answers of AWS's command line have a policy in, by the command.
_WRAPPERS = (
    ("PolicyVersion", "Document"),  # aws iam get-policy-version
    ("PolicyDocument",),  # aws iam get-role-policy, get-user-policy
    ("Policy", "Content"),  # aws organizations describe-policy: a text
)


@dataclass(frozen=True)
class AccessQuestion:
    """What is asked, as the user writes it.

    identity, boundary, session: files of policies; `*` for such that allow everything. scps: a file, or
    several divided by commas, for each level of the organisation. context: KEY=VALUE.
    planned, planned_registry: files of repositories and of the registry, whose policies are taken in place of
    those in ECR; "" for none.
    """

    principal: str
    action: str
    identity: tuple[str, ...] = ()
    boundary: tuple[str, ...] = ()
    session: tuple[str, ...] = ()
    scps: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    planned: str = ""
    planned_registry: str = ""


@dataclass(frozen=True)
class AccessTrial:
    """The answers, call by call. verdict: of all together. left_out: what was not looked at, in words."""

    subject: Subject
    place: Place
    repository: str
    answers: tuple[Answer, ...]
    verdict: Verdict
    left_out: tuple[str, ...]


def try_access(question: AccessQuestion, settings: Settings, tools: Tools) -> AccessTrial:
    """Raises SettingsError with every mistake, RegistryError for a repository that does not exist."""
    tools.narrator.phase("access")
    target = target_of(settings.registry)
    options = replace(settings.registry, region=target.region, registry_id=target.registry_id)
    registry = tools.open_repositories(options)
    place = Place(registry.region)
    reader = _Reader(Fences.of(settings.source.context))
    subject = reader.read("PRINCIPAL", lambda: read_subject(question.principal, place))
    actions = reader.read("ACTION", lambda: read_actions(question.action, subject)) if subject else ()
    given = reader.read("--context", lambda: read_context(question.context)) or {}
    identity = reader.policies("--identity", question.identity)
    others = Policies(
        boundary=reader.policies("--boundary", question.boundary),
        session=reader.policies("--session", question.session),
        scps=tuple(reader.policies("--scp", one.split(",")) or () for one in question.scps),
    )
    if reader.problems or subject is None:
        raise SettingsError(reader.problems)
    wanted = _planned(question.planned, target.name, registry)
    of_registry = _planned_registry(question.planned_registry, registry)
    situation, key = _situation(target.name, registry, wanted, of_registry)
    situation = replace(situation, identity=identity, others=others, given=_with_time(given, tools))
    answers = answer(actions or (), subject, situation)
    if key:
        answers = with_key(answers, key)
    return AccessTrial(
        subject, situation.place, target.name, answers, verdict_of(answers), _left_out(question, subject)
    )


def _planned(file: str, name: str, registry: Repositories) -> Wanted | None:
    """What the file says of the repository; None without a file."""
    if not file:
        return None
    wanted = read_repositories(Path(file), lambda: registry.region, registry.account).of(name)
    if wanted is None:
        raise SettingsError([f"--planned {file}: says nothing of {name}"])
    return wanted


def _planned_registry(file: str, registry: Repositories) -> str | None:
    """The registry's policy as the file has it, "" for none; None without a file."""
    if not file:
        return None
    wanted = read_registry_file(Path(file), Place(registry.region, registry.account()))
    if wanted.problems:
        raise SettingsError(wanted.problems)
    if POLICY.key not in wanted.sections:
        raise SettingsError([f"--planned-registry {file}: says nothing of the registry's policy"])
    policy = wanted.sections[POLICY.key].after({}).get("")
    return policy.text if policy else ""


def _situation(
    name: str, registry: Repositories, wanted: Wanted | None, of_registry: str | None
) -> tuple[Situation, KeyAccess | None]:
    """As it is, and on top what is wanted; and its KMS key, None where ECR's own key encrypts it."""
    found = registry.access(name)
    if not found.arn and wanted is None:
        raise RegistryError(
            f"there is no repository {name}",
            remedy="check its name, --region and --registry-id, or give --planned FILE",
        )
    tags, policy = found.tags, found.policy
    if wanted is not None:
        tags = None if tags is None else {**tags, **(wanted.tags or {})}
        policy = policy if wanted.policy is None else wanted.policy
    situation = Situation(
        Place.of_repository(found.arn) if found.arn else Place(registry.region, registry.account()),
        name,
        tags,
        _policy(policy, REPOSITORY, OF_REPOSITORY),
        _policy(found.registry_policy if of_registry is None else of_registry, REGISTRY, OF_REGISTRY),
        registry_version=found.registry_version,
    )
    return situation, found.key if found.arn or wanted is None else _planned_key(wanted)


def _planned_key(wanted: Wanted) -> KeyAccess | None:
    """Of a repository that does not exist: ECR makes its grants when it is created."""
    if wanted.kms_key:
        return KeyAccess(wanted.kms_key)
    kms = wanted.encryption not in (None, "AES256")
    return KeyAccess("aws/ecr", ENABLED, managed=True) if kms else None


def _policy(text: str | None, kind: Kind, name: str) -> Policy | None:
    if not text:
        return None if text is None else Policy(name, ())
    try:
        return read_policy_text(text, kind, name)
    except PolicyError as error:
        problems = "\n".join(f"- {one}" for one in first_of(error.problems))
        raise RegistryError(f"{name} cannot be evaluated here", why=problems) from error


def _with_time(given: Values, tools: Tools) -> Values:
    now = tools.clock.now()
    known = {"aws:CurrentTime": (now.isoformat(),), "aws:EpochTime": (str(int(now.timestamp())),)}
    names = {key.lower() for key in given}
    return {**{key: value for key, value in known.items() if key.lower() not in names}, **given}


def _left_out(question: AccessQuestion, subject: Subject) -> tuple[str, ...]:
    if not subject.caller.has_policies:
        return ()
    kinds = (
        ("permissions boundary (--boundary)", question.boundary),
        ("session policies (--session)", question.session or not subject.caller.role_arn),
        ("policies of the organisation (--scp)", question.scps),
    )
    return tuple(name for name, given in kinds if not given)


class _Reader:
    """Collects every mistake."""

    def __init__(self, fences: Fences) -> None:
        self._fences = fences
        self.problems: list[str] = []

    def read(self, title: str, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except ValueError as error:
            self.problems.append(f"{title}: {error}")
            return None

    def policies(self, flag: str, files: Sequence[str]) -> tuple[Policy, ...] | None:
        """None for no files."""
        return tuple(policy for file in files if (policy := self._policy(flag, file))) if files else None

    def _policy(self, flag: str, file: str) -> Policy | None:
        if file == EVERYTHING:
            return Policy(f"{flag} '*'", (Statement("everything", "", True, _ALL, _ALL),))
        try:
            text = read_bytes(Path(file), FILE_BYTES, self._fences, streams=True)
            return read_policy(_unwrapped(read_json(text)), IDENTITY, file)
        except PolicyError as error:
            self.problems += [f"{flag} {file}: {one}" for one in error.problems]
        except OSError as error:
            self.problems.append(f"{flag}: cannot read {file}: {error.strerror or error}")
        except ValueError as error:
            self.problems.append(f"{flag} {file}: is not valid JSON: {error}")
        return None


def _unwrapped(value: Any) -> Any:
    """The policy in an answer of AWS's command line."""
    for path in _WRAPPERS:
        inner = value
        for name in path:
            inner = inner.get(name) if isinstance(inner, Mapping) else None
        if isinstance(inner, str):
            return read_json(inner)
        if isinstance(inner, Mapping):
            return inner
    return value
