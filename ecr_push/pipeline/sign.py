"""Signs the image that was accepted, before its tags move, and checks what the signature says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

from ecr_push.base import background, process
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError, SettingsError, SigningError
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.base.reference import Digest
from ecr_push.builder.interface import Builders
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.release import cosign
from ecr_push.release.cosign import Signature
from ecr_push.settings.declare import Settings

_INSTALL = "https://docs.sigstore.dev/cosign/system_config/installation/"
# How often a signature that was just pushed is looked for: a list of referrers may lag behind a push.
_LOOKS = 3
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, repr=False)
class Signer:
    """What signs: it was found on this machine, and its key could be read.

    environ: cosign's, without the login to the registry.
    """

    key: str
    public_key: str
    environ: Mapping[str, str]


def ask_for_signer(settings: Settings, tools: Tools, record: Record) -> Callable[[], Signer | None]:
    """Starts to look for what signs, beside the checkout. What it returns waits for the answer.

    That raises SettingsError with everything that is missing, before anything is built, and notes what is
    planned.
    """
    options = settings.release
    if not options.sign:
        return lambda: None
    found: Future[Signer] = background.start(
        record.timed("cosign", partial(find_signer, options.sign_key, tools)), "find cosign"
    )

    def wait() -> Signer:
        with record.phase("plan"):
            signer = found.result()
            record.note(signature=Signature(options.sign, signer.key, "planned"))
            tools.narrator.say(f"an accepted image is signed by {options.sign} with {signer.key}")
            return signer

    return wait


def find_signer(key: str, tools: Tools) -> Signer:
    """Finds cosign, and reads the public half of the key with it. Raises SettingsError."""
    environ = _environ(key, tools)
    problems = [*_missing(key, tools.environ)]
    try:
        version = _ask(environ, "cosign", "version", "--json")
    except FileNotFoundError:
        problems.insert(0, f"--sign cosign: there is no cosign on the PATH: install cosign 3: {_INSTALL}")
    else:
        if old := cosign.too_old("\n".join(version.output), "\n".join(_sign_help(environ))):
            problems.insert(0, f"--sign cosign: {old}: install cosign 3: {_INSTALL}")
    if problems:
        raise SettingsError(problems, remedy="nothing was built; see docs/signing.md")
    answer = _ask(environ, *cosign.public_key_argv(key))
    public = cosign.public_key_in(answer.output) if answer.ok else ""
    if not public:
        said = tools.redactor.clean(cosign.why(answer.output))
        raise SettingsError(
            [f"--sign-key {key}: cosign cannot use this key: {said}"],
            remedy="check the key, its password in COSIGN_PASSWORD, or the permissions that the KMS asks for",
        )
    return Signer(key, public, {**environ, cosign.PUBLIC_KEY: public})


def sign(
    signer: Signer | None,
    pushed: PushedImage,
    client: Reader,
    builders: Builders,
    tools: Tools,
    record: Record,
    *,
    dry_run: bool = False,
) -> None:
    """Signs the image, unless it has a signature by this key. Raises SigningError: no tag has moved then."""
    if signer is None:
        return
    if dry_run:
        tools.narrator.say(f"would sign {pushed.reference}")
        return
    login = partial(tools.login, client)
    with (
        record.phase("sign"),
        builders.logged_in(pushed.repository.registry.host, login, tools.narrator) as logged_in,
        PrivateFolders(tools.environ).made() as folder,
    ):
        docker = logged_in.docker_environ()
        login_of: dict[str, str] = {
            name: docker[name] for name in ("PATH", "DOCKER_CONFIG") if name in docker
        }
        environ = {**signer.environ, **login_of}
        before = _listed(pushed, client)
        signature = _sign(signer, pushed, environ, folder, tools)
        added = _listed(pushed, client) - before if signature.result == "signed" else before
        # Another run, or another key, may have signed it too.
        reference = pushed.repository.pinned(*added) if len(added) == 1 else ""
        record.note(signature=replace(signature, reference=reference))


def _sign(
    signer: Signer, pushed: PushedImage, environ: Mapping[str, str], folder: Path, tools: Tools
) -> Signature:
    image = pushed.reference
    if _is_signed(pushed, environ):
        tools.narrator.say(f"has a signature by {signer.key} already")
        return Signature("cosign", signer.key, "already", image)
    for name, content in cosign.documents().items():
        (folder / name).write_text(content)
    signing = process.run(
        cosign.sign_argv(signer.key, image, folder), environ=environ, on_line=tools.narrator.detail
    )
    if not signing.ok:
        raise SigningError(
            "cosign could not sign the image",
            why=tools.redactor.clean(cosign.why(signing.output)),
            remedy="no release tag was moved; fix that, and run again: the image is found, and judged again",
        )
    for look in range(_LOOKS):
        if look:
            tools.clock.sleep(_PAUSE_SECONDS)
        if _is_signed(pushed, environ):
            tools.narrator.say(f"signed by {signer.key}, and verified: {image}")
            return Signature("cosign", signer.key, "signed", image)
    raise SigningError(
        "cosign signed the image, and the signature cannot be verified",
        why=f"`cosign verify` shows no signature of {pushed.digest} by {signer.key}",
        remedy="no release tag was moved; check who else writes to the repository, and run again",
    )


def _listed(pushed: PushedImage, client: Reader) -> frozenset[Digest]:
    """The signatures that the registry lists; none where it lists no referrers."""
    try:
        return client.referrers(pushed.digest, cosign.BUNDLE, cosign.MARKS)
    except RegistryError:  # only a report has it
        return frozenset()


def _is_signed(pushed: PushedImage, environ: Mapping[str, str]) -> bool:
    """Whether the image has a signature by the key, by what cosign verified besides its exit code."""
    answer = _ask(environ, *cosign.verify_argv(pushed.reference))
    return answer.ok and cosign.is_signed(answer.output, pushed.digest)


def _missing(key: str, environ: Mapping[str, str]) -> list[str]:
    """What of the key is not there."""
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


def _environ(key: str, tools: Tools) -> dict[str, str]:
    """The caller's environment less the settings of the run. Its secrets are added to the redactor.

    DOCKER_AUTH_CONFIG would come before the run's login. A key of AWS KMS is used with the run's credentials.
    """
    store, _, name = key.partition("://")
    secrets = {one: tools.environ[one] for one in (cosign.PASSWORD, name) if tools.environ.get(one)}
    tools.redactor.add(*secrets.values(), *(line for one in secrets.values() for line in one.splitlines()))
    kept = {
        one: value
        for one, value in tools.environ.items()
        if not one.startswith("ECR_PUSH_") and one != "DOCKER_AUTH_CONFIG"
    }
    aws = tools.aws_environ() if store == "awskms" else {}
    return {**kept, **secrets, **aws}


def _ask(environ: Mapping[str, str], *argv: str) -> process.Completed:
    """Raises FileNotFoundError where there is no such program."""
    return process.run(argv, environ=environ)


def _sign_help(environ: Mapping[str, str]) -> tuple[str, ...]:
    return _ask(environ, "cosign", "sign", "--help").output
