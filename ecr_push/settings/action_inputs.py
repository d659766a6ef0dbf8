"""docker/build-push-action's inputs under its own names: which option each is, or why there is none.

One table for action.yml, for the step's environment, and for what is read. The inputs that are called the
same here are not in it. https://github.com/docker/build-push-action/blob/v7.3.0/action.yml
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.settings.action_lists import OpenQuoteError, values_in
from ecr_push.settings.action_outputs import compression_in, exports_in, pushes

PREFIX = "ECRPUSH_INPUT_"
# The variables from which docker reads the values of the input `secrets`, and github-token.
SECRET_PREFIX = "ECRPUSH_SECRET_"  # noqa: S105
_TOKEN = f"{SECRET_PREFIX}TOKEN"
Environ = Mapping[str, str]
Read = Callable[[str, Environ], "tuple[list[str], list[str]]"]


@dataclass(frozen=True)
class Alias:
    """Another name of an option. read: the input's text and the environment -> its values, and mistakes."""

    option: str
    read: Read
    about: str


def variable(name: str) -> str:
    """The variable that hands the input on."""
    return PREFIX + name.replace("-", "_").upper()


def given_in(environ: Environ) -> dict[str, str]:
    """The inputs that are given, by name: GitHub hands the others over as empty."""
    return {name: text for name in ALIASES if (text := environ.get(variable(name), "")).strip()}


def aliases_of(option: str) -> Iterator[tuple[str, Alias]]:
    """The inputs that give an option, each with how it does; one input may give two options."""
    for name, one in (*ALIASES.items(), *_ALSO):
        if one.option == option:
            yield name, one


def secret_variables(environ: Environ) -> dict[str, str]:
    """The variables for docker, with the values that the inputs `secrets` and github-token hold."""
    found = {
        f"{SECRET_PREFIX}{number}": value
        for number, (_, value) in _secrets(environ.get(variable("secrets"), ""))[0].items()
    }
    token = environ.get(variable("github-token"), "")
    return {**found, _TOKEN: token} if token else found


def _several(*, by_lines: bool) -> Read:
    def read(text: str, _: Environ) -> tuple[list[str], list[str]]:
        try:
            return [one.strip() for one in values_in(text, by_lines=by_lines)], []
        except OpenQuoteError as error:
            return [], [str(error)]

    return read


_BY_LINES = _several(by_lines=True)
_BY_COMMAS = _several(by_lines=False)
_GIT_CONTEXT = r"\{\{\s*defaultContext\s*\}\}:?"


def _file(text: str, environ: Environ) -> tuple[list[str], list[str]]:
    """The Dockerfile's path starts at the working directory; with `{{defaultContext}}:DIR`, in that DIR."""
    context = environ.get("ECR_PUSH_CONTEXT", "").strip()
    of_git = re.match(_GIT_CONTEXT, context)
    return [posixpath.join(context[of_git.end() :] if of_git else "", text.strip())], []


def _contexts(text: str, environ: Environ) -> tuple[list[str], list[str]]:
    """NAME=CONTEXT; the event's commit in git is that of the checkout here."""
    given, wrong = _BY_LINES(text, environ)
    here = [re.sub(rf"={_GIT_CONTEXT}$", "=.", one) for one in given]
    return [re.sub(f"={_GIT_CONTEXT}", "=", one) for one in here], wrong


def _secrets(text: str) -> tuple[dict[int, tuple[str, str]], list[str]]:
    """number -> (id, value) of each secret, and what is wrong, which repeats nothing of the text."""
    try:
        given = values_in(text, by_lines=True)
    except OpenQuoteError as error:
        return {}, [str(error)]
    pairs = {number: one.partition("=") for number, one in enumerate(given, 1)}
    wrong = [
        f"value {number} of {len(given)} is not ID=VALUE; a value of several lines stands in quotes, from "
        "before its ID to its end"
        for number, (identity, equals, _) in pairs.items()
        if not identity.strip() or not equals
    ]
    good = {
        number: (identity.strip(), value)
        for number, (identity, equals, value) in pairs.items()
        if identity.strip() and equals
    }
    return good, wrong


def _values(text: str, _: Environ) -> tuple[list[str], list[str]]:
    found, wrong = _secrets(text)
    return [f"id={identity},env={SECRET_PREFIX}{number}" for number, (identity, _) in found.items()], wrong


def _secrets_from(key: str, what: str, *, by_lines: bool) -> Read:
    """Of ID=NAME or ID=FILE; key is that of --secret."""

    def read(text: str, environ: Environ) -> tuple[list[str], list[str]]:
        found, wrong = _several(by_lines=by_lines)(text, environ)
        pairs = [one.partition("=") for one in found]
        wrong += [
            f"value {number} of {len(pairs)}: expected ID={what}"
            for number, (identity, _, of) in enumerate(pairs, 1)
            if not (identity and of)
        ]
        return [f"id={identity},{key}={of}" for identity, _, of in pairs if identity and of], wrong

    return read


def _token(_: str, environ: Environ) -> tuple[list[str], list[str]]:
    """BuildKit's secret for contexts in repositories of that GitHub; none where no context needs it."""
    host = environ.get("GITHUB_SERVER_URL", "https://github.com").partition("://")[2].strip("/ ")
    contexts = "\n".join(
        environ.get(name, "")
        for name in ("ECR_PUSH_CONTEXT", "ECR_PUSH_BUILD_CONTEXT", variable("build-contexts"))
    )
    own = rf"^\s*\"?GIT_AUTH_TOKEN(?:\.{re.escape(host)})?="
    is_given = re.search(own, environ.get(variable("secrets"), ""), re.MULTILINE)
    if is_given or f"://{host}/" not in contexts:
        return [], []
    return [f"id=GIT_AUTH_TOKEN.{host},env={_TOKEN}"], []


def _exports(text: str, _: Environ) -> tuple[list[str], list[str]]:
    return exports_in(text)


def _compression(text: str, environ: Environ) -> tuple[list[str], list[str]]:
    """Nothing else remembers that an output pushes, which the inputs push and load may contradict."""
    values, wrong = compression_in(text)
    for name, word in (("push", "false"), ("load", "true")):
        given = environ.get(f"ECR_PUSH_{name.upper()}", "").strip().lower()
        if given == word and pushes(text):
            wrong = [*wrong, f"it pushes the image, and {name}: {word} pushes nothing: leave one of them out"]
    return values, wrong


ALIASES: Mapping[str, Alias] = {
    "add-hosts": Alias("add_hosts", _BY_COMMAS, "Several are divided by commas or line breaks."),
    "attests": Alias("attests", _BY_LINES, "Several are each on a line of their own."),
    "annotations": Alias("annotations", _BY_LINES, "Several are each on a line of their own."),
    "build-args": Alias("build_args", _BY_LINES, "Several are each on a line of their own."),
    "build-contexts": Alias("build_contexts", _contexts, "Several are each on a line of their own."),
    "file": Alias("dockerfile", _file, ""),
    "labels": Alias("labels", _BY_LINES, "Several are each on a line of their own."),
    "no-cache-filters": Alias("no_cache_filter", _BY_COMMAS, "Several are divided by commas or line breaks."),
    "platforms": Alias("platforms", _BY_COMMAS, "Several are divided by commas or line breaks."),
    "secrets": Alias("secrets", _values, "ID=VALUE, each on a line of its own."),
    "secret-envs": Alias(
        "secrets",
        _secrets_from("env", "NAME, a variable", by_lines=False),
        "ID=NAME of a variable; several are divided by commas or line breaks.",
    ),
    "secret-files": Alias(
        "secrets", _secrets_from("src", "FILE", by_lines=True), "ID=FILE, each on a line of its own."
    ),
    "outputs": Alias(
        "exports",
        _exports,
        "Each on a line of its own; or type=image,push=true, with compression, compression-level, "
        "force-compression.",
    ),
    "github-token": Alias(
        "secrets", _token, "For contexts in repositories of this GitHub: the secret GIT_AUTH_TOKEN."
    ),
}
_ALSO = (("outputs", Alias("compression", _compression, "")),)
