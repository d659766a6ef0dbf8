"""Finds notation, its key and its trust policy: everything that is missing is reported at once."""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.base import process
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SettingsError
from ecr_push.signing import notation
from ecr_push.signing.model import Signature
from ecr_push.signing.options import SignOptions
from ecr_push.signing.world import World

_INSTALL = "https://notaryproject.dev/docs/user-guides/installation/cli/"


@dataclass(frozen=True, repr=False)
class Notation:
    """notation as it was found on this machine.

    key:     a name in its list of keys, or PLUGIN/KEY-ID; "" to verify.
    environ: notation's, without the login to the registry.
    """

    key: str
    environ: Mapping[str, str]

    @property
    def planned(self) -> Signature:
        return Signature("notation", self.key, "planned")


def find_notation(options: SignOptions, world: World) -> Notation:
    """notation to sign with, or to verify with where there is no key. Raises SettingsError."""
    key = options.sign_key
    kept = {
        name: value
        for name, value in world.environ.items()
        if not name.startswith("ECR_PUSH_") and name != "DOCKER_AUTH_CONFIG"
    }
    aws = world.aws_environ() if notation.plugin_of(key).startswith(notation.AWS) else {}
    found = Notation(key, {**kept, **aws})
    if problems := _problems(found):
        raise SettingsError(problems, remedy="nothing was built; see docs/signing.md#notation")
    return found


def _problems(found: Notation) -> list[str]:
    try:
        shown = _ask(found, "sign", "--help")
    except FileNotFoundError:
        return [f"--sign notation: there is no notation on the PATH: install it: {_INSTALL}"]
    if notation.REFERRERS not in "\n".join(shown.output):
        return [f"--sign notation: this notation is too old: install 1.2 or later: {_INSTALL}"]
    problems = []
    policy = _ask(found, "policy", "show")
    if not policy.ok:
        said = notation.why(policy.output)
        problems.append(f"--sign notation: there is no trust policy to verify with: {said}")
    plugin = notation.plugin_of(found.key)
    kind, name = ("plugin", plugin) if plugin else ("key", found.key)
    if name and name not in notation.names_in(_ask(found, kind, "ls").output):
        problems.append(f"--sign-key {found.key}: `notation {kind} ls` does not list {name}")
    return problems


def _ask(found: Notation, *words: str) -> process.Completed:
    return process.run(("notation", *words), environ=found.environ)
