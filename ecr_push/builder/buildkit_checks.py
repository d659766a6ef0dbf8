"""Whether what BuildKit is to be handed is there: it takes an unset variable for an empty secret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.fences import Fences, refusal
from ecr_push.base.suggest import did_you_mean
from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.buildkit_values import cache_of, context_of, is_folder, secret_of, ssh_of

SECRET_BYTES = 500 * 1024  # BuildKit's own limit of a secret: MaxSecretSize in its session/secrets
_AGENT = "SSH_AUTH_SOCK"
_GITHUB = "ACTIONS_RUNTIME_TOKEN"
_LAYOUT = "oci-layout://"
_OF_INPUT = "ECRPUSH_SECRET_"  # a variable with a value of the action's input `secrets`


def missing_inputs(inputs: BuildKitInputs, context: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """All that is missing, with the flag that names it. Nothing of a secret is in it."""
    fences = Fences.of(context)
    yield from _twice("--secret id=", (secret_of(text)[0] for text in inputs.secrets))
    yield from _twice("--build-context ", (context_of(text)[0] for text in inputs.build_contexts))
    yield from _secrets(inputs, environ, fences)
    yield from _ssh(inputs, environ, fences)
    yield from _contexts(inputs, fences)
    yield from _caches(inputs, fences)


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    """docker takes the last of them, and says nothing of the others."""
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{what}{name}: it is given {'twice' if times == 2 else f'{times} times'}: one counts"


def cache_warnings(inputs: BuildKitInputs, environ: Mapping[str, str]) -> Iterator[str]:
    """Why a cache that is named is not used: docker goes on without it, and says nothing."""
    if inputs.needs_github and not environ.get(_GITHUB):
        yield (
            f"the cache type=gha is not used: {_GITHUB} is not set, which GitHub gives to JavaScript actions "
            "alone; the action crazy-max/ghaction-github-runtime, before this step, sets it"
        )


def _secrets(inputs: BuildKitInputs, environ: Mapping[str, str], fences: Fences) -> Iterator[str]:
    for text in inputs.secrets:
        identity, file, variable = secret_of(text)
        if variable and variable not in environ:
            meant = did_you_mean(variable, environ)
            yield f"--secret id={identity}: the variable {variable} is not set{meant}"
        elif variable.startswith(_OF_INPUT) and not environ[variable]:
            yield f"secrets: {identity} has no value: the expression in it is empty"
        elif variable and not environ[variable]:
            yield f"--secret id={identity}: the variable {variable} is empty"
        elif file and (why := _why_unreadable(Path(file), fences)):
            yield f"--secret id={identity}: {file}: {why}{_home(file)}"


def _ssh(inputs: BuildKitInputs, environ: Mapping[str, str], fences: Fences) -> Iterator[str]:
    for text in inputs.ssh:
        identity, files = ssh_of(text)
        if not files and not environ.get(_AGENT):
            yield f"--ssh {identity}: there is no agent: {_AGENT} is not set"
        for file in files or (environ.get(_AGENT, ""),):
            if file and not Path(file).exists():
                yield f"--ssh {identity}: there is no file {file}{_home(file)}"
            elif file and (error := refusal(Path(file), fences)):
                yield f"--ssh {identity}: {file}: {error.strerror}"


def _contexts(inputs: BuildKitInputs, fences: Fences) -> Iterator[str]:
    for name, value in map(context_of, inputs.build_contexts):
        if is_folder(value) and not Path(value).is_dir():
            yield f"--build-context {name}: there is no directory {value}{_home(value)}"
        elif is_folder(value) and (error := refusal(Path(value), fences)):
            yield f"--build-context {name}: {value}: {error.strerror}"
        elif value.startswith(_LAYOUT) and not any(one.is_dir() for one in _layouts(value)):
            yield f"--build-context {name}: there is no directory {value.removeprefix(_LAYOUT)}"


def _home(path: str) -> str:
    """A shell replaces `~` where a word or a variable's value begins, and not behind `src=`."""
    rest = path.removeprefix("~/")
    return f"; the shell has left ~ as it is: give $HOME/{rest}" if rest != path else ""


def _layouts(value: str) -> Iterator[Path]:
    """Where a layout may be: a tag or a digest may follow the folder, whose name may hold a colon."""
    text = value.removeprefix(_LAYOUT)
    yield Path(text)
    yield Path(text.partition("@")[0])
    yield Path(text.partition("@")[0].rpartition(":")[0] or text)


def _caches(inputs: BuildKitInputs, fences: Fences) -> Iterator[str]:
    """Of local ones: a link could have them written over a folder of the machine."""
    for flag, texts in (("--cache-from", inputs.cache_from), ("--cache-to", inputs.cache_to)):
        for given in (cache for cache in map(cache_of, texts) if cache["type"] == "local"):
            folders = (given[key] for key in ("src", "dest") if given.get(key))
            for folder in folders:
                if error := refusal(Path(folder), fences):
                    yield f"{flag}: {folder}: {error.strerror}"


def _why_unreadable(file: Path, fences: Fences) -> str:
    try:
        read_bytes(file, SECRET_BYTES, fences)
    except OSError as error:
        return error.strerror or str(error)
    return ""
