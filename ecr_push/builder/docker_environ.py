"""The environment of docker and its plugins: the user's, less the credentials that they have no use for.

What is left out reaches the user's credential helpers all the same: they are started by the run's own helper
(`docker_config`), with the whole environment.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecr_push.base.errors import EcrPushError
from ecr_push.base.parse import read_json
from ecr_push.builder.buildkit_address import Address, address_of, is_address
from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.docker_context import named_endpoint

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html, and its older name; the
# last is of ECS and EKS. Where AWS's SDKs find credentials otherwise, the variables hold none.
_AWS = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"),
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
)
# ECR_PUSH_BUILD_ARG and the action's inputs among them. The others let a job ask for its identity.
# What --sign signs with: cosign alone gets it.
_SIGNING = ("COSIGN_PASSWORD", "COSIGN_PRIVATE_KEY", "SIGSTORE_ID_TOKEN")
_GITHUB_CACHE = "ACTIONS_RUNTIME_"
_OURS = ("ECR_PUSH_", "ECRPUSH_", "ACTIONS_ID_TOKEN_", _GITHUB_CACHE)


def for_docker(
    environ: Mapping[str, str], folder: Path, builder: str = "", inputs: BuildKitInputs | None = None
) -> dict[str, str]:
    """environ for docker. folder: the user's Docker configuration. builder: of buildx, "" for the usual one.

    kubectl's login to EKS, ssh through AWS Systems Manager, and a cache in S3 need the AWS credentials: where
    docker works through one of them, they stay. So does what inputs name: a secret's variable, and GitHub's
    token for its cache.
    """
    inputs = inputs or BuildKitInputs()
    kept = (
        inputs.needs_aws
        or _reaches_by_ssh(environ, folder)
        or driver(environ, folder, builder) == "kubernetes"
        or any(one.needs_aws for one in addresses(environ, folder, builder))
    )
    ours = tuple(one for one in _OURS if one != _GITHUB_CACHE or not inputs.needs_github)
    secrets = inputs.secret_variables()
    return {
        name: value
        for name, value in environ.items()
        if name in secrets
        or (not name.startswith(ours) and name not in _SIGNING and (kept or name not in _AWS))
    }


def _reaches_by_ssh(environ: Mapping[str, str], folder: Path) -> bool:
    """Whether the engine is reached through ssh, by DOCKER_HOST or by the context that is used."""
    with contextlib.suppress(EcrPushError):  # reported where it is used
        return named_endpoint({**environ, "DOCKER_CONFIG": str(folder)}).host.startswith("ssh://")
    return False


def driver(environ: Mapping[str, str], folder: Path, builder: str) -> str:
    """The driver of the builder that buildx would use, such as kubernetes; "" for one that is not listed."""
    return "remote" if is_address(builder) else str(_instance(environ, folder, builder).get("Driver", ""))


def addresses(environ: Mapping[str, str], folder: Path, builder: str) -> tuple[Address, ...]:
    """Where the builder that buildx would use is, if that is a BuildKit somewhere else."""
    if is_address(builder):
        return (address_of(builder),)
    found = _instance(environ, folder, builder)
    nodes = found.get("Nodes") if found.get("Driver") == "remote" else None
    with contextlib.suppress(TypeError, KeyError, AttributeError):  # not as buildx writes it
        return tuple(
            Address(str(node["Endpoint"]), _texts(node.get("DriverOpts") or {})) for node in nodes or ()
        )
    return ()


def _instance(environ: Mapping[str, str], folder: Path, builder: str) -> Mapping[str, Any]:
    """What buildx has noted of a builder; nothing of one that it does not list."""
    builders = Path(environ.get("BUILDX_CONFIG") or folder / "buildx")
    name = builder or environ.get("BUILDX_BUILDER") or _document(builders / "current").get("Name")
    if not name or "/" in str(name):
        return {}
    return _document(builders / "instances" / str(name))


def _texts(options: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in options.items())


def _document(file: Path) -> Mapping[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        found = read_json(file.read_bytes())
        return found if isinstance(found, dict) else {}
    return {}
