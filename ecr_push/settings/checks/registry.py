"""Where the image goes: repository, region, account, the sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ecr_push.base.option import UPKEEP
from ecr_push.base.paths import CONFIG_FILE_NAME
from ecr_push.base.reference import Registry, has_registry, parse_repository
from ecr_push.builder.destination import stays_here
from ecr_push.settings import declare as declared
from ecr_push.settings.checks.check import Check, Contradiction, NoEffect
from ecr_push.settings.values import read_value


def _needs_a_repository(
    command: str,
    needs_repository: bool,
    repository: str,
    context: str,
    call: str,
    dry_run: bool,
    push: bool | None,
    load: bool,
    exports: tuple[str, ...],
) -> Iterable[Contradiction]:
    if (
        repository
        or stays_here(push, load, exports)
        or (call == "check" and command in ("run", "build") and not dry_run)
        or not needs_repository
        or command not in {"run", "plan", "doctor", "build", "rollback", "policy test"} | UPKEEP
    ):
        return
    if Path(context).exists():
        elsewhere = Path(CONFIG_FILE_NAME).resolve() != Path(context, CONFIG_FILE_NAME).resolve()
        unread = f"; {CONFIG_FILE_NAME} is read in {context}, and not in the working directory"
        hint = unread if elsewhere and Path(CONFIG_FILE_NAME).is_file() else ""
        yield "repository", f"is required: the repository's name, such as team/app{hint}"
    else:
        is_repository = not read_value(declared.option_types()["repository"], context)[1]
        meant = (
            f": ecr-push {command} -r {context}"
            if is_repository and command in ("run", "plan", "doctor", "build")
            else ""
        )
        meant = f"; its options: ecr-push help {command}" if context == "help" else meant
        yield "repository", f"is required; {context!r} is not a directory{meant}"


def _one_region(repository: str, region: str) -> Iterable[Contradiction]:
    registry = _registry(repository)
    if registry and region and registry.region and region != registry.region:
        yield "region", f"{region} contradicts --repository {repository}"


def _one_account(repository: str, registry_id: str) -> Iterable[Contradiction]:
    registry = _registry(repository)
    if registry and registry_id and registry.account and registry_id != registry.account:
        yield "registry_id", f"{registry_id} contradicts --repository {repository}"
    if registry and registry_id and registry.kind == "public":
        yield "registry_id", "ECR Public has no registry ids: the alias in --repository names it"


def _no_key_in_public(repository: str, kms_key: str) -> Iterable[Contradiction]:
    registry = _registry(repository)
    if registry and kms_key and registry.kind == "public":
        yield "kms_key", "ECR Public has no KMS encryption"


def _no_replication_of_public(repository: str, wait_replication: bool) -> Iterable[Contradiction]:
    registry = _registry(repository)
    if registry and wait_replication and registry.kind == "public":
        yield "wait_replication", "ECR Public replicates by itself, and says nothing of it"


def _registry(repository: str) -> Registry | None:
    return parse_repository(repository).registry if has_registry(repository) else None


def _key_of_a_new_repository(kms_key: str, create_repository: bool) -> Iterable[Contradiction]:
    if kms_key and not create_repository:
        yield "kms_key", "is fixed when a repository is created: give --create-repository too"


def _file_of_a_new_repository(
    repositories: str, create_repository: bool, kms_key: str, repository: str
) -> Iterable[Contradiction]:
    registry = _registry(repository)
    if repositories and not create_repository:
        yield "repositories", "says what a new repository is: give --create-repository too"
    if repositories and kms_key:
        yield (
            "kms_key",
            "belongs into the file that --repositories names",
        )
    if repositories and registry and registry.kind == "public":
        yield "repositories", "is for private repositories: those of ECR Public have none of these settings"


def _sandbox_is_the_registry(sandbox: bool, repository: str) -> Iterable[Contradiction]:
    if sandbox and has_registry(repository):
        yield "repository", "with --sandbox give the name alone: the sandbox is its own registry"


def _advisories_for_the_sandbox(
    command: str, sandbox: bool, advisories: Sequence[str]
) -> Iterable[Contradiction]:
    if sandbox:
        for directory in advisories:
            if not Path(directory).is_dir():
                yield "advisories", f"there is no directory {directory}"
    elif advisories and command in ("run", "plan", "doctor"):
        yield "advisories", "is for the sandbox's scanner: give --sandbox too"


def _one_identity(role_to_assume: str, profile: str, sandbox: bool) -> Iterable[Contradiction]:
    if role_to_assume and profile and not sandbox:
        yield "profile", "has no effect with --role-to-assume, whose credentials are the job's own"


CHECKS: tuple[Check, ...] = (
    *(
        NoEffect(name, "sandbox", "--sandbox, which needs no AWS credentials")
        for name in ("profile", "role", "role_to_assume")
    ),
    NoEffect("scan_events_queue", "sandbox", "--sandbox, which has no queues"),
    NoEffect("wait_replication", "sandbox", "--sandbox, which is replicated nowhere"),
    NoEffect("lock", "sandbox", "--sandbox, which has no tables, and which no other run can reach"),
    _needs_a_repository,
    _one_region,
    _one_account,
    _no_key_in_public,
    _no_replication_of_public,
    _key_of_a_new_repository,
    _file_of_a_new_repository,
    _sandbox_is_the_registry,
    _advisories_for_the_sandbox,
    _one_identity,
)
