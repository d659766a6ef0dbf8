"""The world of one run: the log, AWS or the sandbox, the clock; cleaned up on every way out.

What reaches AWS (`reach`) or docker is loaded when it is asked for: git is, before.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push.base.clock import SystemClock, source_date_epoch
from ecr_push.base.errors import EcrPushError, as_expected
from ecr_push.base.log import Narrator
from ecr_push.base.option import COPYING, DEPLOYING
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.identity import job_identity, web_identity
from ecr_push.cli.log import open_log
from ecr_push.cli.reach import Reach
from ecr_push.pipeline.context import Tools
from ecr_push.registry.aws.session import Access, Endpoint
from ecr_push.registry.options import target_of
from ecr_push.settings.declare import Settings
from ecr_push.settings.publish_options import PUBLISHED

if TYPE_CHECKING:
    from ecr_push.builder.interface import Builders, FindBuilders
    from ecr_push.pipeline.publisher import Publisher


@contextlib.contextmanager
def open_world(settings: Settings, facts: CiFacts, call: Call) -> Iterator[Tools]:
    """What a run works with. Turns an unexpected error into DefectError, without the secrets in it."""
    environ = call.environ
    clock = SystemClock()
    narrator, redactor = open_log(settings, facts, environ, call.stderr, clock)
    call.clean = redactor.clean
    docker_config = Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME", "/"), ".docker"))
    identity = web_identity(settings, facts, environ, clock, redactor)
    # As every SDK of AWS's reads it but boto3, which knows AWS_DEFAULT_REGION alone.
    options = settings.registry
    region = options.region or environ.get("AWS_REGION", "")
    access = Access(region, options.profile, options.role, identity, on_secret=redactor.add)
    folders = PrivateFolders(environ, (Path(settings.source.context),))
    try:
        with (
            _sandbox(settings, narrator, folders)
            if settings.run.sandbox
            else contextlib.nullcontext(access) as access
        ):
            call_id = _call_id(facts)
            reach = Reach(access, clock, narrator, redactor, dry=settings.run.dry_run)
            yield Tools(
                open_repository=reach.repository,
                find_builders=_builders_finder(docker_config, narrator, folders),
                environ=environ,
                clock=clock,
                narrator=narrator,
                redactor=redactor,
                run_id=call_id,
                created=source_date_epoch(environ),
                aws_environ=reach.aws_environ,
                identity_token=job_identity(facts, environ, clock, redactor),
                read_object=reach.object,
                open_repositories=reach.repositories,
                open_other=reach.others(environ, docker_config),
                open_registry=reach.registry,
                open_trail=reach.trail,
                open_aws=reach.aws,
                open_lock=reach.lock(settings.release.lock.partition(":")[2], call_id, facts.run.url),
                seen=call.loaded.sources.seen if call.loaded else None,
                publisher=_publisher(reach, settings, facts, call, call_id, clock, narrator),
            )
    except EcrPushError:
        raise
    except Exception as error:  # here it is known what must not be shown
        raise as_expected(error, redactor.clean) from error
    finally:
        narrator.close()


def _call_id(facts: CiFacts) -> str:
    """An id of this call alone: the jobs and steps of one CI run share the run's id, which it begins with."""
    own = secrets.token_hex(4)
    return f"{facts.run.id}-{own}" if facts.run.id else own


def _builders_finder(docker_config: Path, narrator: Narrator, folders: PrivateFolders) -> FindBuilders:
    def find_builders(environ: Mapping[str, str]) -> Builders:
        from ecr_push.builder.choose import DockerBuilders

        return DockerBuilders(environ, docker_config, narrator, folders)

    return find_builders


def _publisher(
    reach: Reach,
    settings: Settings,
    facts: CiFacts,
    call: Call,
    call_id: str,
    clock: SystemClock,
    narrator: Narrator,
) -> Publisher | None:
    options, loaded = settings.publish, call.loaded
    if not (options.event_bus or options.metrics or options.audit):
        return None
    if loaded is None or loaded.command not in PUBLISHED or settings.run.dry_run or loaded.checked_alone:
        return None  # nothing happens that others could act on
    from ecr_push.cli.publish import open_publisher

    # A service is deployed, and copies are made, with the command's own credentials in its own region.
    is_own = loaded.command in DEPLOYING | COPYING
    aws = reach.aws_for(None if is_own else target_of(settings.registry))
    return open_publisher(settings, facts, call, loaded.command, call_id, aws, clock, narrator)


@contextlib.contextmanager
def _sandbox(settings: Settings, narrator: Narrator, folders: PrivateFolders) -> Iterator[Access]:
    from ecr_push.cli.start_sandbox import open_sandbox

    with open_sandbox(settings, folders) as sandbox:
        narrator.phase("sandbox")
        narrator.say(f"an ECR on this machine, at {sandbox.host}, until this run ends: nothing goes to AWS")
        keys = sandbox.environment
        yield Access(
            region=keys["AWS_REGION"],
            endpoint=Endpoint(sandbox.url, keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"]),
        )
