"""The engine that the docker command would use, by DOCKER_HOST, a context, or default; and its TLS.

The SDK knows DOCKER_HOST alone, and takes DOCKER_CERT_PATH for a wish for TLS, which docker does not. So what
docker's CLI reads is read here as it does, and what it refuses is refused: no other engine takes its place.
https://docs.docker.com/engine/manage-resources/contexts/
https://docs.docker.com/engine/security/protect-access/#use-tls-https-to-protect-the-docker-daemon-socket
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ecr_push.base import process
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import BuildError
from ecr_push.builder.user_docker import read_config, read_file

_CERT_PATH = "DOCKER_CERT_PATH"
_DEFAULT_TLS_HOST = "tcp://localhost:2376"
_SOCKETS = ("unix://", "npipe://")


@dataclass(frozen=True)
class Endpoint:
    """An engine's address, "" for the default one, and its TLS.

    tls:    whether it is used. verify: whether the engine's certificate is checked.
    ca:     the file of the authorities to trust, None for the system's.
    client: the files of our own certificate and its key, None for none.
    """

    host: str
    tls: bool = False
    verify: bool = True
    ca: Path | None = None
    client: tuple[Path, Path] | None = None


def endpoint(environ: Mapping[str, str]) -> Endpoint:
    """The engine that docker would use. Raises BuildError where docker would use none."""
    if context_name(environ) != "default" and not _is_dockers_own(environ):
        return _of_environment(environ)
    return named_endpoint(environ)


def named_endpoint(environ: Mapping[str, str]) -> Endpoint:
    """The engine that Docker's own command would use. Raises BuildError where it would use none."""
    name = context_name(environ)
    if name == "default":
        return _of_environment(environ)
    return _of_context(name, docker_folder(environ) / "contexts")


def context_name(environ: Mapping[str, str]) -> str:
    """DOCKER_HOST comes before every context, DOCKER_CONTEXT before the configuration's currentContext."""
    if environ.get("DOCKER_HOST"):
        return "default"
    current = environ.get("DOCKER_CONTEXT") or read_config(docker_folder(environ)).get("currentContext")
    return str(current or "default")


def has_context(name: str, environ: Mapping[str, str]) -> bool:
    """Whether docker's store has a context of this name."""
    return _meta(name, docker_folder(environ) / "contexts").is_file()


def docker_folder(environ: Mapping[str, str]) -> Path:
    """The folder of Docker's configuration."""
    return Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME") or "/", ".docker"))


def wants_tls(environ: Mapping[str, str]) -> bool:
    """Whether the default engine is reached by TLS."""
    return bool(environ.get("DOCKER_TLS_VERIFY") or environ.get("DOCKER_TLS"))


def tls_folder(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The variable that makes docker look for certificates in the user's own configuration."""
    return {_CERT_PATH: str(folder)} if wants_tls(environ) and not environ.get(_CERT_PATH) else {}


def _of_environment(environ: Mapping[str, str]) -> Endpoint:
    host = environ.get("DOCKER_HOST", "")
    if not wants_tls(environ) or host.startswith(_SOCKETS):
        return Endpoint(host)
    folder = Path(environ.get(_CERT_PATH) or docker_folder(environ))
    if not (folder / "ca.pem").is_file():
        raise BuildError(
            "no Docker engine answers",
            why=f"TLS is asked for by DOCKER_TLS_VERIFY or DOCKER_TLS, and there is no {folder / 'ca.pem'}",
            remedy="set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem, or unset both",
        )
    return _with_files(host or _DEFAULT_TLS_HOST, folder, bool(environ.get("DOCKER_TLS_VERIFY")))


def _of_context(name: str, contexts: Path) -> Endpoint:
    """The endpoint of a context in docker's store."""
    file = _meta(name, contexts)
    try:
        about = read_file(file)
        found = about["Endpoints"]["docker"]
        host, skip = found.get("Host", ""), found.get("SkipTLSVerify", False)
    except (FileNotFoundError, NotADirectoryError):
        raise _no_context(name) from None  # the file's folder is the run's own
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _no_context(name, f"{file} cannot be read: {type(error).__name__}: {error}") from error
    if not isinstance(host, str) or not isinstance(skip, bool):
        raise _no_context(name, f"{file}: its docker endpoint is not valid")
    folder = contexts / "tls" / file.parent.name / "docker"
    if host.startswith(_SOCKETS) or not (skip or folder.is_dir()):
        return Endpoint(host)
    return _with_files(host, folder, not skip)


def _meta(name: str, contexts: Path) -> Path:
    return contexts / "meta" / hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest() / "meta.json"


def _with_files(host: str, folder: Path, verify: bool) -> Endpoint:
    ca, cert, key = (folder / name for name in ("ca.pem", "cert.pem", "key.pem"))
    both = cert.is_file() and key.is_file()
    return Endpoint(host, True, verify, ca if ca.is_file() else None, (cert, key) if both else None)


def _no_context(name: str, why: str = "") -> BuildError:
    return BuildError(
        f"docker context {name!r} not found",
        why=why,
        remedy="`docker context ls` lists them: choose one by DOCKER_CONTEXT or `docker context use`",
    )


def _is_dockers_own(environ: Mapping[str, str]) -> bool:
    """Whether the docker command is Docker's, or there is none.

    Others, such as podman's, ignore contexts that Docker left.
    """
    try:
        asked = process.run(("docker", "--version"), environ=environ)
    except FileNotFoundError:
        return True
    return bool(asked.output) and asked.output[-1].startswith("Docker version ")
