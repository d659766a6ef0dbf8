"""Finds cosign, and what it signs or verifies with: everything that is missing is reported at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from ecr_push.base import process
from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.wildcard import matches
from ecr_push.signing import cosign
from ecr_push.signing.identity import Identity, identity_of
from ecr_push.signing.model import Signature, Trust
from ecr_push.signing.options import SignOptions
from ecr_push.signing.services import TrustedRoot, read_signing_config, read_trusted_root
from ecr_push.signing.world import World

T = TypeVar("T")
_INSTALL = "https://docs.sigstore.dev/cosign/system_config/installation/"
_LARGEST_KEY = 64 * 1024  # bytes
_LARGEST_DOCUMENT = 1 << 20
_SHORTEST = 8  # characters of a secret that is looked for in the log: a shorter one is a part of words
# The variables with which cosign would find a token by itself.
_AMBIENT = ("ACTIONS_ID_TOKEN_", cosign.ID_TOKEN)


@dataclass(frozen=True, repr=False)
class Cosign:
    """cosign as it was found on this machine, its key or identity read.

    trust:   whose signatures count; to sign, the run's own.
    environ: cosign's, without the login to the registry.
    key:     the reference of the private key; "" to sign as the CI's job, or not at all.
    files:   what it signs with; see `cosign.documents`.
    token:   an OIDC token for the certificate, a new one each time; None with a key.
    """

    trust: Trust
    environ: Mapping[str, str]
    key: str = ""
    files: Mapping[str, str] | None = None
    token: Callable[[], str] | None = None

    @property
    def planned(self) -> Signature:
        identity = "" if self.key else self.trust.identity
        return Signature("cosign", self.key, "planned", identity=identity, issuer=self.trust.issuer)


def find_cosign_signer(options: SignOptions, world: World, fences: Fences) -> Cosign:
    """cosign to sign with. Raises SettingsError with everything that is missing, before anything is built."""
    key, environ = options.sign_key, _environ(options.sign_key, world)
    problems = [
        *_unusable(environ, f"--sign {options.sign}: "),
        *(_missing(key, world.environ) if key else ()),
    ]
    config, root = _documents(options, fences, problems)
    who = None if key else _identity(options, world, problems)
    if problems:
        raise SettingsError(problems, remedy="nothing was built; see docs/signing.md")
    files = cosign.documents(key, config, root.text if root else "")
    if who:
        trust = Trust("", who.name, who.name, who.issuer, root)
        return Cosign(trust, environ, "", files, world.identity_token)
    public = _public_half(key, environ, world)
    return Cosign(Trust(public, key, root=root), {**environ, cosign.PUBLIC_KEY: public}, key, files)


def find_cosign_verifier(options: SignOptions, world: World, fences: Fences) -> Cosign:
    """cosign to verify with. Raises SettingsError with everything that is missing."""
    key, environ = options.sign_key, _environ(options.sign_key, world)
    problems = _unusable(environ)
    _, root = _documents(options, fences, problems)
    public = _given_public_key(key, world.environ, fences, problems) if key else ""
    if problems:
        raise SettingsError(problems, remedy="see docs/verify.md")
    if not key:
        who = options.sign_identity
        return Cosign(Trust("", who, who, options.sign_issuer, root), environ)
    public = public or _public_half(key, environ, world)
    return Cosign(Trust(public, key, root=root), {**environ, cosign.PUBLIC_KEY: public})


def _unusable(environ: Mapping[str, str], needed_by: str = "") -> list[str]:
    """Why the cosign on the PATH, if there is one, cannot be used."""
    try:
        version = process.run(("cosign", "version", "--json"), environ=environ)
    except FileNotFoundError:
        return [f"{needed_by}there is no cosign on the PATH: install cosign 3: {_INSTALL}"]
    shown = process.run(("cosign", "sign", "--help"), environ=environ)
    old = cosign.too_old("\n".join(version.output), "\n".join(shown.output))
    return [f"{needed_by}{old}: install cosign 3: {_INSTALL}"] if old else []


def _public_half(key: str, environ: Mapping[str, str], world: World) -> str:
    answer = process.run(cosign.public_key_argv(key), environ=environ)
    public = cosign.public_key_in("\n".join(answer.output)) if answer.ok else ""
    if not public:
        said = world.redactor.clean(cosign.why(answer.output))
        raise SettingsError(
            [f"--sign-key {key}: cosign cannot use this key: {said}"],
            remedy="check the key, its password in COSIGN_PASSWORD, or the permissions that the KMS asks for",
        )
    return public


def _missing(key: str, environ: Mapping[str, str]) -> list[str]:
    """What of a private key is not there."""
    store, is_uri, name = key.partition("://")
    if is_uri and store != "env":
        return []
    found = []
    if is_uri and not environ.get(name):
        found.append(f"--sign-key {key}: the variable {name} is not set")
    if not is_uri and not os.access(key, os.R_OK):
        found.append(f"--sign-key {key}: there is no such file that can be read")
    if cosign.PASSWORD not in environ:
        found.append(f"{cosign.PASSWORD} is not set: the key's password; set it to nothing for one without")
    return found


def _given_public_key(key: str, environ: Mapping[str, str], fences: Fences, problems: list[str]) -> str:
    """The public key in the file or the variable; "" where only cosign can tell, as of a KMS."""
    store, is_uri, name = key.partition("://")
    if is_uri and store != "env":
        return ""
    if is_uri:
        text = environ.get(name, "")
        if not text:
            problems.append(f"--sign-key {key}: the variable {name} is not set")
    else:
        text = _read("sign-key", key, _LARGEST_KEY, fences, bytes.decode, problems) or ""
    public = cosign.public_key_in(text)
    if text and not public and cosign.PASSWORD not in environ:
        problems.append(
            f"--sign-key {key}: is not a public key in PEM, as cosign.pub is; of a private key, "
            f"{cosign.PASSWORD} has to be set"
        )
    return public


def _documents(options: SignOptions, fences: Fences, problems: list[str]) -> tuple[str, TrustedRoot | None]:
    config, root, most = options.sign_config, options.sign_trusted_root, _LARGEST_DOCUMENT
    read = _read("sign-config", config, most, fences, read_signing_config, problems) if config else ""
    trusted = _read("sign-trusted-root", root, most, fences, read_trusted_root, problems) if root else None
    return read or "", trusted


def _read(
    name: str, path: str, limit: int, fences: Fences, parse: Callable[[bytes], T], problems: list[str]
) -> T | None:
    try:
        return parse(read_bytes(Path(path), limit, fences, streams=True))
    except OSError as error:
        problems.append(f"--{name} {path}: cannot be read: {error.strerror or error}")
    except ValueError as error:
        problems.append(f"--{name} {path}: {error}")
    return None


def _identity(options: SignOptions, world: World, problems: list[str]) -> Identity | None:
    """Whom the certificate will name: by the token of the job, and what the user expects."""
    try:
        found = identity_of(world.identity_token())
    except ValueError as error:
        problems.append(f"--sign keyless: {error}")
        return None
    except EcrPushError as error:
        said = "; ".join(part for part in (error.why, error.remedy) if part)
        problems.append(f"--sign keyless: {error.what}: {said}; or sign with a key: --sign cosign")
        return None
    name, issuer = options.sign_identity or found.name, options.sign_issuer or found.issuer
    if not name:
        problems.append(
            f"--sign-identity: is required for tokens of {found.issuer}: what the certificate will name"
        )
    if found.name and options.sign_identity and not matches(found.name, name):
        problems.append(f"--sign-identity {name}: the certificate will name {found.name}")
    if options.sign_issuer and options.sign_issuer != found.issuer:
        problems.append(f"--sign-issuer {issuer}: the token of this job is by {found.issuer}")
    return Identity(name, issuer)


def _environ(key: str, world: World) -> dict[str, str]:
    """The caller's environment less the settings of the run. Its secrets are added to the redactor.

    DOCKER_AUTH_CONFIG would come before the run's login. A key of AWS KMS is used with the run's credentials.
    """
    store, _, name = key.partition("://")
    environ = world.environ
    secrets = {one: environ[one] for one in (cosign.PASSWORD, name) if environ.get(one)}
    texts = {text for one in secrets.values() for text in (one, *one.splitlines())}
    world.redactor.add(*(text for text in texts if len(text) >= _SHORTEST))
    kept = {
        one: value
        for one, value in environ.items()
        if not one.startswith(("ECR_PUSH_", *_AMBIENT)) and one != "DOCKER_AUTH_CONFIG"
    }
    aws = world.aws_environ() if store == "awskms" else {}
    return {**kept, **secrets, **aws}
