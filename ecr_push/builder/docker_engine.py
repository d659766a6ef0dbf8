"""The Docker Engine through its SDK: builds without buildx, and images that the engine already has."""

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
    """See `Builder`. Leaves the image in the engine, under the candidate's name, to be pushed later."""

    def __init__(self, client: Any, environ: Mapping[str, str], narrator: Narrator) -> None:
        self._client = client
        self._environ = environ
        self._narrator = narrator

    def build(self, plan: BuildPlan, repository: Repository, candidate: Tag) -> BuiltImage:
        client = self._client
        if plan.image:
            self._narrator.say(f"using the image {plan.image} of the engine")
            self._tag(client, plan.image, repository, candidate)
        else:
            self._narrator.say("building with the engine's legacy builder: buildx is not installed")
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
                raise _no_image(plan.image) from error
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
            raise _no_image(image) from error
        except DockerException as error:
            raise BuildError(f"the engine cannot name {image}", why=_text(error)) from error

    def _build(self, client: Any, plan: BuildPlan, name: str) -> None:
        from docker.errors import DockerException

        # A file without a name: the SDK's own would stay behind if the run is interrupted while it is sent.
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


def _no_image(image: str) -> BuildError:
    return BuildError(f"there is no image {image} in the engine", remedy="`docker images` lists them")


def _archive(plan: BuildPlan, archive: IO[bytes]) -> str:
    """Writes the context as a tar archive. Returns the Dockerfile's name in it, also of one from outside."""
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
    """Pushes the candidate, and removes its name from the engine in any case. Raises RegistryError."""
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
        with contextlib.suppress(DockerException):  # neither a reason to fail nor to hide the push's error
            client.api.remove_image(repository.tagged(candidate), noprune=True)
    if not digest:
        raise RegistryError("the engine pushed the candidate, but did not report its digest")
    return Digest(digest)


def _pushed_digest(event: Mapping[str, Any]) -> str:
    """The digest in an event of a push: with the containerd image store only the last line has it."""
    status = re.search(r": digest: (sha256:[0-9a-f]{64}) size: ", event.get("status") or "")
    return (event.get("aux") or {}).get("Digest", "") or (status[1] if status else "")


def connect(environ: Mapping[str, str], why_not: str = "") -> Any:
    """Returns a client of the engine that the docker command would use. Raises BuildError."""
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
            remedy="start it, or set DOCKER_HOST or a docker context; `docker version` shows the cause",
        ) from error
    return client


def _text(error: BaseException) -> str:
    return " ".join(str(getattr(error, "explanation", "") or error).split())
