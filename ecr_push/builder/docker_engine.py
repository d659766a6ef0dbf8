"""The Docker Engine through its SDK: builds without buildx, and images that the engine already has."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from ecr_push.base.addresses import without_user
from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.errors import BuildError, RegistryError, SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.log import Narrator
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.builder.buildkit_values import host_of
from ecr_push.builder.destination import Kept
from ecr_push.builder.docker_context import Endpoint, endpoint
from ecr_push.builder.interface import DOCKERFILE_BYTES, BuiltImage
from ecr_push.builder.permission import Permission
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.push_failure import push_failure
from ecr_push.registry.interface import Login

TIMEOUT_SECONDS = 600


class EngineBuilder:
    """See `Builder`. Leaves the image in the engine, under the candidate's name, to be pushed later."""

    def __init__(
        self, client: Any, environ: Mapping[str, str], narrator: Narrator, folders: PrivateFolders
    ) -> None:
        self._client = client
        self._environ = environ
        self._narrator = narrator
        self._folders = folders

    def build(
        self, plan: BuildPlan, repository: Repository, candidate: Tag, permission: Permission
    ) -> BuiltImage:
        permission.wait()  # the engine goes on with what it has begun, and keeps an image of it
        client = self._client
        if plan.image:
            self._narrator.say(f"using the image {plan.image} of the engine")
            self._tag(client, plan.image, repository, candidate)
        else:
            self._narrator.say("building with the engine's legacy builder: buildx is not installed")
            if plan.cache.is_used:
                self._narrator.warn("the build goes on without the build cache, which needs buildx")
            self._build(client, plan, repository.tagged(candidate))
        return BuiltImage(repository.tagged(candidate), f"docker engine {client.version()['Version']}")

    def push(
        self, built: BuiltImage, repository: Repository, candidate: Tag, login: Callable[[], Login]
    ) -> Digest:
        return push(connect(self._environ), repository, candidate, login(), self._narrator)

    def call_check(self, plan: BuildPlan) -> tuple[BuildCheck, ...]:
        raise without_buildx("--call check")

    def keep(self, plan: BuildPlan, kept: Kept) -> BuiltImage:
        from docker.errors import DockerException

        builder = f"docker engine {self._client.version()['Version']}"
        if plan.image:
            find_image(self._client, plan.image)
            return BuiltImage(plan.image, builder)
        if kept.paths:
            raise without_buildx("--export")
        name = f"ecr-push-check:{secrets.token_hex(8)}"
        try:
            self._build(self._client, plan, name)
            for one in kept.names if kept.in_engine else ():
                repository, _, tag = one.rpartition(":")
                self._client.images.get(name).tag(repository, tag)
        except DockerException as error:
            raise BuildError("the engine cannot name the image", why=_text(error)) from error
        finally:
            with contextlib.suppress(DockerException):
                self._client.api.remove_image(name, noprune=True)
        return BuiltImage(next(iter(kept.names), ""), builder)

    def _tag(self, client: Any, image: str, repository: Repository, candidate: Tag) -> None:
        from docker.errors import DockerException

        try:
            find_image(client, image).tag(repository.uri, candidate.name)
        except DockerException as error:
            raise BuildError(f"the engine cannot name {image}", why=_text(error)) from error

    def _build(self, client: Any, plan: BuildPlan, name: str) -> None:
        from docker.errors import DockerException

        try:
            with (
                self._folders.made(large=True) as folder,
                (folder / "context.tar").open("w+b") as archive,
            ):
                # Without a name nothing of it stays, even if this process is killed while it is sent.
                (folder / "context.tar").unlink()
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
                    nocache=plan.inputs.no_cache,
                    pull=plan.by_pull.inputs.pull,
                    network_mode=plan.inputs.network,
                    extra_hosts=dict(map(host_of, plan.inputs.add_hosts)),
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


def without_buildx(*wanted: str) -> SettingsError:
    """The error of what the engine's own builder does not have."""
    return SettingsError(
        ["`docker buildx version` failed"],
        what=f"without buildx there is no {', no '.join(wanted)}",
        remedy="install docker's buildx plugin: https://docs.docker.com/go/buildx/",
    )


def find_image(client: Any, image: str) -> Any:
    """The engine's image of this name. Raises BuildError where there is none, or the engine does not say."""
    from docker.errors import DockerException, ImageNotFound

    try:
        return client.images.get(image)
    except ImageNotFound as error:
        remedy = f"for an OCI layout give --image oci:{image}" if Path(image).exists() else ""
        what = f"there is no image {image} in the engine"
        raise BuildError(what, remedy=remedy or "`docker images` lists them") from error
    except DockerException as error:
        raise BuildError(f"the engine does not say whether it has {image}", why=_text(error)) from error


def _archive(plan: BuildPlan, archive: IO[bytes]) -> str:
    """Writes the context as a tar archive. Returns the Dockerfile's name in it, also of one from outside."""
    from docker.utils import tar

    fences = Fences.of(plan.context)
    context = plan.context.resolve()
    ignored = b""
    with contextlib.suppress(FileNotFoundError):
        ignored = read_bytes(plan.context / ".dockerignore", DOCKERFILE_BYTES, fences)
    lines = [line.strip() for line in ignored.decode("utf-8", "replace").splitlines()]
    exclude = [line for line in lines if line and not line.startswith("#")]
    dockerfile = _dockerfile(plan, context, fences)
    tar(context, exclude=exclude, dockerfile=dockerfile, fileobj=archive)
    return dockerfile[0]


def _dockerfile(plan: BuildPlan, context: Path, fences: Fences) -> tuple[str, str | None]:
    """The Dockerfile's name in the archive, and of one that is not in the context, the text.

    docker's own function reads it through whatever link it is, and the engine shows what is not a Dockerfile.
    """
    content = read_bytes(plan.dockerfile, DOCKERFILE_BYTES, fences)
    name = os.path.relpath(plan.dockerfile.resolve(), context)
    if name.split("/")[0] != "..":
        return name, None
    return f".dockerfile.{secrets.token_hex(16)}", content.decode("utf-8", "replace")


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
                raise push_failure(str(event["error"]).strip())
            digest = _pushed_digest(event) or digest
            if (event.get("aux") or {}).get("manifestPushedInsteadOfIndex"):
                narrator.warn(_partial_text(event["aux"]))
            if event.get("status") and not event.get("progress"):
                narrator.detail(" ".join(filter(None, (event.get("id", ""), event["status"]))))
    except DockerException as error:
        raise push_failure(_text(error)) from error
    finally:
        with contextlib.suppress(DockerException):  # neither a reason to fail nor to hide the push's error
            client.api.remove_image(repository.tagged(candidate), noprune=True)
    if not digest:
        raise RegistryError("the engine pushed the candidate, but did not report its digest")
    return Digest(digest)


def _partial_text(aux: Mapping[str, Any]) -> str:
    """What to say of an index of which the engine has one platform alone, and pushed that.

    https://github.com/moby/moby/blob/v28.5.2/api/types/auxprogress/push.go
    """
    selected = aux.get("selectedManifest") or {}
    parts = [(selected.get("platform") or {}).get(name) for name in ("os", "architecture", "variant")]
    platform = "/".join(str(part) for part in parts if part) or "one platform"
    return (
        f"of an image for several platforms the engine has {platform} alone, and pushed that: the others are "
        "not released. Pull or build them all into the engine, or build with --platform"
    )


def _pushed_digest(event: Mapping[str, Any]) -> str:
    """The digest in an event of a push: with the containerd image store only the last line has it."""
    status = re.search(r": digest: (sha256:[0-9a-f]{64}) size: ", event.get("status") or "")
    return (event.get("aux") or {}).get("Digest", "") or (status[1] if status else "")


_START = "start it, or set DOCKER_HOST or a docker context; `docker version` shows the cause"


def connect(environ: Mapping[str, str], why_not: str = "", remedy: str = _START) -> Any:
    """Returns a client of the engine that the docker command would use. Raises BuildError."""
    import docker
    from docker.errors import DockerException

    engine = endpoint(environ)
    if engine.host.startswith("ssh://"):
        raise BuildError(
            "an engine over ssh:// can only be used through buildx",
            why=f"this run needs the engine's API, and the engine is at {without_user(engine.host)}",
            remedy="for a build install docker's buildx plugin; for --image forward the engine's socket: "
            "`ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock HOST`, and DOCKER_HOST=unix:///tmp/engine.sock",
        )
    try:
        tls = _tls(engine) if engine.tls else False
        client = docker.DockerClient(base_url=engine.host or None, tls=tls, timeout=TIMEOUT_SECONDS)
        client.ping()
    except DockerException as error:
        raise BuildError(
            "no Docker engine answers",
            why=why_not or _text(error),
            remedy=remedy,
        ) from error
    return client


def _tls(engine: Endpoint) -> Any:
    """TLS as the SDK takes it. Raises DockerException."""
    from docker.tls import TLSConfig

    class Tls(TLSConfig):
        def configure_client(self, client: Any) -> None:
            """Without REQUESTS_CA_BUNDLE and proxies: `requests` would prefer them, docker does not."""
            super().configure_client(client)
            client.trust_env = False

    if not engine.verify:  # as the user wishes: no warning for each request
        warnings.filterwarnings("ignore", message="Unverified HTTPS request")
    return Tls(
        client_cert=(str(engine.client[0]), str(engine.client[1])) if engine.client else None,
        ca_cert=str(engine.ca) if engine.ca else None,
        verify=engine.verify,
    )


def _text(error: BaseException) -> str:
    return " ".join(str(getattr(error, "explanation", "") or error).split())
