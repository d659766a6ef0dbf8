"""The world of one run: the log, AWS or the sandbox, the clock; cleaned up on every way out."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from ecr_push.base.clock import SystemClock, source_date_epoch
from ecr_push.base.errors import DefectError, EcrPushError
from ecr_push.base.log import Narrator
from ecr_push.builder.choose import DockerBuilders
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.identity import web_identity
from ecr_push.cli.log import open_log
from ecr_push.pipeline.context import Tools
from ecr_push.policy.files import ReadObject, no_objects
from ecr_push.registry.aws.s3 import read_object
from ecr_push.registry.aws.session import Access, Aws, Endpoint
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.private import PrivateRepository
from ecr_push.registry.public import PublicRepository
from ecr_push.registry.target import RepositoryTarget
from ecr_push.settings.declare import Settings


@contextlib.contextmanager
def open_world(settings: Settings, facts: CiFacts, call: Call) -> Iterator[Tools]:
    """What a run works with. Turns an unexpected error into DefectError, without the secrets in it."""
    environ = call.environ
    clock = SystemClock()
    narrator, redactor = open_log(settings, facts, environ, call.stderr, clock)
    docker_config = Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME", "/"), ".docker"))
    identity = web_identity(settings, facts, environ, clock, redactor)
    # As every SDK of AWS's reads it but boto3, which knows AWS_DEFAULT_REGION alone.
    options = settings.registry
    region = options.region or environ.get("AWS_REGION", "")
    access = Access(region, options.profile, options.role, identity, on_secret=redactor.add)
    try:
        with (
            _sandbox(settings, narrator) if settings.run.sandbox else contextlib.nullcontext(access) as access
        ):
            yield Tools(
                open_repository=_opener(access, clock, settings.run.dry_run, narrator),
                find_builders=lambda environ: DockerBuilders(environ, docker_config, narrator),
                environ=environ,
                clock=clock,
                narrator=narrator,
                redactor=redactor,
                run_id=_call_id(facts),
                created=source_date_epoch(environ),
                read_object=_object_reader(access),
            )
    except (EcrPushError, BrokenPipeError):
        raise
    except Exception as error:  # here it is known what must not be shown
        raise DefectError(error, redactor.clean) from error
    finally:
        narrator.close()


def _call_id(facts: CiFacts) -> str:
    """An id of this call alone: the jobs and steps of one CI run share the run's id, which it begins with."""
    own = secrets.token_hex(4)
    return f"{facts.run.id}-{own}" if facts.run.id else own


def _opener(
    access: Access, clock: SystemClock, dry: bool, narrator: Narrator
) -> Callable[[RepositoryTarget], RepositoryClient]:
    def open_repository(target: RepositoryTarget) -> RepositoryClient:
        aws = Aws(
            replace(
                access,
                region=target.region or access.region,
                fips="-fips." in target.host,
                dual_stack=target.host.endswith(".on.aws"),
            )
        )
        client: RepositoryClient = (
            PublicRepository(aws, target.name, clock)
            if target.public
            else PrivateRepository(aws, target.name, target.registry_id, clock)
        )
        return DryRun(client, narrator) if dry else client

    return open_repository


def _object_reader(access: Access) -> ReadObject:
    if access.endpoint:  # the sandbox is an ECR and nothing else
        return no_objects
    return lambda url, limit: read_object(Aws(access), url, limit)


@contextlib.contextmanager
def _sandbox(settings: Settings, narrator: Narrator) -> Iterator[Access]:
    from ecr_push.cli.start_sandbox import open_sandbox

    with open_sandbox(settings) as sandbox:
        narrator.phase("sandbox")
        narrator.say(f"an ECR on this machine, at {sandbox.host}, until this run ends: nothing goes to AWS")
        keys = sandbox.environment
        yield Access(
            region=keys["AWS_REGION"],
            endpoint=Endpoint(sandbox.url, keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"]),
        )
