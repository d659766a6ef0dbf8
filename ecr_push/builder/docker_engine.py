"""The Docker Engine through its SDK: builds without buildx, and images that are already there."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any

from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.docker_context import context_host
from ecr_push.builder.interface import BuiltImage
from ecr_push.builder.plan import BuildPlan
from ecr_push.registry.interface import Login

TIMEOUT_SECONDS = 600


class EngineBuilder:
    """See `Builder`: leaves the image in the engine, under the candidate's name, still to be pushed."""

    def __init__(self, client: Any, environ: Mapping[str, str], narrator: Narrator) -> None:
        self._client = client
        self._environ = environ
        self._narrator = narrator

    def build(self, plan: BuildPlan, repository: Repository, candidate: Tag) -> BuiltImage:
        client = self._client
        if plan.image:
            self._narrator.say(f"taking {plan.image} from the engine")
            self._tag(client, plan.image, repository, candidate)
        else:
            self._narrator.say("building with the engine's own builder: buildx is not there")
            self._build(client, plan, repository.tagged(candidate))
        return BuiltImage(repository.tagged(candidate), f"docker engine {client.version()['Version']}")

    def push(
        self, built: BuiltImage, repository: Repository, candidate: Tag, login: Callable[[], Login]
    ) -> Digest:
        return push(connect(self._environ), repository, candidate, login(), self._narrator)

    def check(self, plan: BuildPlan) -> None:
        from docker.errors import DockerException, ImageNotFound

        if plan.image:
            try:
                self._client.images.get(plan.image)
            except ImageNotFound as error:
                raise _not_there(plan.image) from error
            return
        name = f"ecr-push-check:{secrets.token_hex(8)}"
        try:
            self._build(self._client, plan, name)
        finally:
            with contextlib.suppress(DockerException):
                self._client.api.remove_image(name)

    def _tag(self, client: Any, image: str, repository: Repository, candidate: Tag) -> None:
        from docker.errors import DockerException, ImageNotFound

        try:
            client.images.get(image).tag(repository.uri, candidate.name)
        except ImageNotFound as error:
            raise _not_there(image) from error
        except DockerException as error:
            raise BuildError(f"the engine cannot name {image}", why=_text(error)) from error

    def _build(self, client: Any, plan: BuildPlan, name: str) -> None:
        from docker.errors import DockerException

        # A file without a name: the SDK's own would outlive a run that is interrupted while it is sent.
        try:
            with tempfile.TemporaryFile() as archive:
                dockerfile = _archive(plan, archive)
                stream = client.api.build(
                    fileobj=archive,
                    custom_context=True,
                    dockerfile=dockerfile,
                    tag=name,
                    buildargs=dict(plan.args),
                    labels=dict(plan.labels),
                    target=plan.target or None,
                    platform=plan.platforms[0] if plan.platforms else None,
                    rm=True,
                    forcerm=True,
                    decode=True,
                )
            for event in stream:
                if "error" in event:
                    raise BuildError("the engine could not build the image", why=event["error"].strip())
                for line in event.get("stream", "").splitlines():
                    if line.strip():
                        self._narrator.detail(line)
        except (DockerException, TypeError, OSError) as error:
            raise BuildError("the engine could not build the image", why=_text(error)) from error


def _not_there(image: str) -> BuildError:
    return BuildError(f"there is no image {image} in the engine", remedy="`docker images` lists them")


def _archive(plan: BuildPlan, archive: IO[bytes]) -> str:
    """Writes the context as the engine takes it; the Dockerfile's name in it, which may be from elsewhere."""
    from docker.api.build import process_dockerfile
    from docker.utils import tar

    context = str(plan.context.resolve())
    ignored = plan.context / ".dockerignore"
    lines = ignored.read_text(encoding="utf-8", errors="replace").splitlines() if ignored.is_file() else []
    exclude = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    dockerfile = process_dockerfile(os.path.relpath(plan.dockerfile.resolve(), context), context)
    tar(plan.context.resolve(), exclude=exclude, dockerfile=dockerfile, fileobj=archive)
    return str(dockerfile[0])


def push(client: Any, repository: Repository, candidate: Tag, login: Login, narrator: Narrator) -> Digest:
    """Pushes the candidate and takes its name out of the engine again, always. Raises RegistryError."""
    from docker.errors import DockerException

    digest = ""
    try:
        stream: Iterable[Mapping[str, Any]] = client.api.push(
            repository.uri,
            tag=candidate.name,
            auth_config={"username": login.username, "password": login.password},
            stream=True,
            decode=True,
        )
        for event in stream:
            if "error" in event:
                raise RegistryError("the candidate could not be pushed", why=str(event["error"]).strip())
            digest = _pushed_digest(event) or digest
            if event.get("status") and not event.get("progress"):
                narrator.detail(" ".join(filter(None, (event.get("id", ""), event["status"]))))
    except DockerException as error:
        raise RegistryError("the candidate could not be pushed", why=_text(error)) from error
    finally:
        with contextlib.suppress(DockerException):  # no reason to fail, nor to hide why we did
            client.api.remove_image(repository.tagged(candidate), noprune=True)
    if not digest:
        raise RegistryError("the engine pushed the candidate, but did not say its digest")
    return Digest(digest)


def _pushed_digest(event: Mapping[str, Any]) -> str:
    """The digest in an event of a push: engines with containerd's store tell it in their last line alone."""
    told = re.search(r": digest: (sha256:[0-9a-f]{64}) size: ", event.get("status") or "")
    return (event.get("aux") or {}).get("Digest", "") or (told[1] if told else "")


def connect(environ: Mapping[str, str], why_not: str = "") -> Any:
    """A client of the engine that the docker command would use. Raises BuildError."""
    import docker
    from docker.errors import DockerException

    settings = dict(environ)
    if "DOCKER_HOST" not in settings and (host := context_host(environ)):
        settings["DOCKER_HOST"] = host
    try:
        client = docker.DockerClient.from_env(environment=settings, timeout=TIMEOUT_SECONDS)
        client.ping()
    except DockerException as error:
        raise BuildError(
            "no Docker engine answers",
            why=why_not or _text(error),
            remedy="start it, or set DOCKER_HOST or a docker context; `docker version` shows what it says",
        ) from error
    return client


def _text(error: BaseException) -> str:
    return " ".join(str(getattr(error, "explanation", "") or error).split())
