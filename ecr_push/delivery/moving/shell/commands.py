"""Command lines of docker and its kin, kaniko, aws, kubectl and others -> what they do.

The options are those of `docker buildx build --help` (buildx 0.37), `podman build` 5, `buildah build` 1.4x
and kaniko's README; which of them take a value decides what the other words are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.shell.operations import Does
from ecr_push.delivery.moving.values import Value

_SHORT = {"t": "tag", "f": "file", "o": "output", "q": "quiet", "a": "all-tags", "m": "memory", "D": "debug",
          "u": "username", "p": "password", "c": "cpu-shares"}  # fmt: skip
_SHORT_OF_KANIKO = {
    "-c": Value.constant("--context"),
    "-d": Value.constant("--destination"),
    "-f": Value.constant("--dockerfile"),
}
_SWITCHES_TEXT = """
push load no-cache pull rm force-rm quiet squash compress disable-content-trust debug all-tags all
password-stdin layers tls-verify pull-always pull-never no-include-email include-email force latest
reproducible cleanup single-snapshot cache insecure insecure-pull skip-tls-verify no-push use-new-run
cache-copy-layers cache-run-layers skip-unused-stages verbose no-cli-pager no-paginate dry-run
"""
_SWITCHES = frozenset(_SWITCHES_TEXT.split())
_VALUES_TEXT = """
tag file build-arg label platform target secret ssh cache-from cache-to network add-host shm-size ulimit
cgroup-parent build-context builder progress iidfile metadata-file output provenance sbom attest
annotation allow no-cache-filter memory memory-swap cpu-shares cpu-period cpu-quota cpuset-cpus
cpuset-mems isolation security-opt call username password format authfile creds cert-dir arch os variant
manifest digestfile sign-by jobs retry retry-delay volume destination context dockerfile snapshot-mode
snapshotMode cache-repo cache-ttl cache-dir digest-file image-name-with-digest-file
image-name-tag-with-digest-file custom-platform registry-mirror verbosity log-format compression
compression-level context-sub-path
"""
_VALUES = frozenset(_VALUES_TEXT.split())
_BUILDS = {("build",), ("buildx", "build"), ("buildx", "b"), ("image", "build"), ("builder", "build"),
           ("bud",), ("build-using-dockerfile",)}  # fmt: skip
_ENGINES = frozenset({"docker", "podman", "buildah", "nerdctl"})
_OF_ENGINES: Mapping[tuple[str, ...], Does] = {
    **dict.fromkeys(_BUILDS, Does.BUILD),
    ("tag",): Does.TAG, ("image", "tag"): Does.TAG,
    ("push",): Does.PUSH, ("image", "push"): Does.PUSH,
    ("pull",): Does.PULL, ("image", "pull"): Does.PULL,
    ("login",): Does.LOGIN, ("logout",): Does.LOGIN,
    ("buildx", "create"): Does.BUILDER, ("buildx", "use"): Does.BUILDER, ("buildx", "inspect"): Does.BUILDER,
    ("buildx", "install"): Does.BUILDER, ("buildx", "rm"): Does.BUILDER,
    ("buildx", "imagetools", "create"): Does.RETAG, ("manifest",): Does.RETAG,
    ("buildx", "bake"): Does.MANY, ("compose", "build"): Does.MANY, ("compose", "push"): Does.MANY,
    ("run",): Does.RUN, ("scout",): Does.SCAN,
    ("rmi",): Does.CLEAN, ("image", "rm"): Does.CLEAN, ("image", "prune"): Does.CLEAN,
    ("system", "prune"): Does.CLEAN, ("builder", "prune"): Does.CLEAN,
    ("save",): Does.FILE, ("load",): Does.FILE, ("import",): Does.FILE, ("commit",): Does.FILE,
}  # fmt: skip
_OF_AWS: Mapping[tuple[str, ...], Does] = {
    ("get-login-password",): Does.LOGIN, ("get-login",): Does.LOGIN, ("get-authorization-token",): Does.LOGIN,
    ("wait", "image-scan-complete"): Does.SCAN, ("describe-image-scan-findings",): Does.SCAN,
    ("start-image-scan",): Does.SCAN,
    ("create-repository",): Does.CREATE, ("describe-repositories",): Does.LOOK,
    ("put-image",): Does.RETAG, ("batch-get-image",): Does.RETAG,
    ("put-lifecycle-policy",): Does.REGISTRY, ("set-repository-policy",): Does.REGISTRY,
    ("put-image-scanning-configuration",): Does.REGISTRY, ("put-image-tag-mutability",): Does.REGISTRY,
    ("batch-delete-image",): Does.REGISTRY,
}  # fmt: skip
# Of ecs and the others everything that changes or waits; what only shows is nothing.
_DEPLOYS = frozenset({"ecs", "lambda", "eks", "apprunner", "elasticbeanstalk", "deploy", "cloudformation",
                      "batch", "sagemaker"})  # fmt: skip
_OF_OTHERS: Mapping[tuple[str, ...], Does] = {
    ("kubectl", "set", "image"): Does.DEPLOY, ("kubectl", "apply"): Does.DEPLOY,
    ("kubectl", "rollout"): Does.DEPLOY, ("kubectl", "patch"): Does.DEPLOY,
    ("helm", "upgrade"): Does.DEPLOY, ("helm", "install"): Does.DEPLOY,
    ("kustomize", "edit", "set", "image"): Does.DEPLOY, ("argocd", "app"): Does.DEPLOY,
    ("eb", "deploy"): Does.DEPLOY, ("sam", "deploy"): Does.DEPLOY, ("copilot",): Does.DEPLOY,
    ("ecs", "deploy"): Does.DEPLOY, ("ecs-deploy",): Does.DEPLOY, ("serverless", "deploy"): Does.DEPLOY,
    ("cdk", "deploy"): Does.DEPLOY, ("terraform", "apply"): Does.DEPLOY,
    ("trivy",): Does.SCAN, ("grype",): Does.SCAN, ("snyk", "container"): Does.SCAN,
    ("crane", "tag"): Does.RETAG, ("crane", "copy"): Does.RETAG, ("crane", "push"): Does.PUSH,
    ("crane", "cp"): Does.RETAG, ("skopeo", "copy"): Does.RETAG, ("crane", "auth"): Does.LOGIN,
    ("cosign", "sign"): Does.SIGN, ("notation", "sign"): Does.SIGN, ("cosign", "attest"): Does.SIGN,
    ("docker-compose", "build"): Does.MANY, ("docker-compose", "push"): Does.MANY,
    ("pack", "build"): Does.MANY, ("ko",): Does.MANY, ("jib",): Does.MANY, ("skaffold",): Does.MANY,
}  # fmt: skip
_GROUPS = frozenset({"buildx", "compose", "image", "builder", "system", "manifest"})
_ALONE = frozenset(
    {"-D", "--debug", "--tls", "--tlsverify", "--dry-run", "--compatibility", "--all-resources"}
)
# https://github.com/containers/image/blob/main/docs/containers-transports.5.md
_TRANSPORTS = frozenset({"docker", "docker-daemon", "docker-archive", "oci", "oci-archive", "dir",
                         "containers-storage"})  # fmt: skip
# Words before a command that change nothing of what it does to an image.
_BEFORE = frozenset({"sudo", "time", "exec", "command", "env", "nohup", "retry", "eval"})


@dataclass(frozen=True)
class Recognised:
    does: Does
    program: str
    options: tuple[tuple[str, Value], ...]
    arguments: tuple[Value, ...]
    strange: tuple[str, ...] = ()


def recognised(words: Sequence[Value]) -> Recognised | None:
    """What a command line does; None for what has nothing to do with images."""
    while words and words[0].text in _BEFORE:
        words = words[1:]
        while (words and words[0].source.startswith("-")) or (words and _is_assignment(words[0])):
            words = words[1:]
    if not words or not (name := words[0].text):
        return None
    program, rest = name.rpartition("/")[2], words[1:]
    if program in _ENGINES:
        return _of_engine(program, rest)
    if program == "executor" or name.endswith("kaniko/executor"):
        return _kaniko(rest)
    if program == "aws":
        return _of_aws(rest)
    texts = (program, *(word.text or "" for word in rest if not word.source.startswith("-")))
    for (first, *then), does in _OF_OTHERS.items():
        if program == first and (not then or _follows(tuple(then), texts[1:])):
            return Recognised(does, program, *_divided(rest))
    return None


def _follows(words: tuple[str, ...], texts: tuple[str, ...]) -> bool:
    """Whether the words are beside each other; before them may stand a value, as a namespace does."""
    return any(texts[at : at + len(words)] == words for at in range(len(texts)))


def _is_assignment(word: Value) -> bool:
    name, equals, _ = word.source.partition("=")
    return bool(equals) and name.isidentifier()


def _of_engine(program: str, words: Sequence[Value]) -> Recognised | None:
    words = engine_command(words)
    texts = tuple(word.text or "" for word in words[:3])
    for length in (3, 2, 1):
        if does := _OF_ENGINES.get(texts[:length]):
            found = Recognised(does, program, *_divided(words[length:]))
            return _pushed_elsewhere(found) if does is Does.PUSH and len(found.arguments) > 1 else found
    return None


def engine_command(words: Sequence[Value]) -> Sequence[Value]:
    """What an engine is to do, behind its options: `docker --config FOLDER buildx --builder NAME build`.

    Options of a group of commands stand behind the command, which takes them too.
    """
    _, words = _leading_options(words)
    if words and words[0].text in _GROUPS:
        options, rest = _leading_options(words[1:])
        return [words[0], *rest[:1], *options, *rest[1:]]
    return words


def _leading_options(words: Sequence[Value]) -> tuple[Sequence[Value], Sequence[Value]]:
    at = 0
    while at < len(words) and words[at].source.startswith("-"):
        at += 1 if "=" in words[at].source or words[at].text in _ALONE else 2
    return words[:at], words[at:]


def _pushed_elsewhere(push: Recognised) -> Recognised:
    """`buildah push NAME docker://OTHER`: the image NAME is pushed as OTHER, or is written to a file."""
    source, target, *_ = push.arguments
    transport, separator, _ = target.source.partition(":")
    if not separator or transport not in _TRANSPORTS:
        return push
    if transport != "docker":
        return Recognised(Does.FILE, push.program, push.options, (source,))
    begin = str(target.parts[0]).removeprefix("docker:").removeprefix("//")
    return Recognised(push.does, push.program, push.options, (source, Value.of((begin, *target.parts[1:]))))


def _kaniko(words: Sequence[Value]) -> Recognised:
    words = [_SHORT_OF_KANIKO.get(word.source, word) for word in words]
    options, arguments, strange = _divided(words)
    named = {"destination": "tag", "dockerfile": "file", "custom-platform": "platform"}
    renamed = [(named.get(name, name), value) for name, value in options if name != "context"]
    context = tuple(value for name, value in options if name == "context")
    if not any(name == "no-push" and value.text != "false" for name, value in options):
        renamed.append(("push", Value.constant("true")))
    return Recognised(Does.BUILD, "kaniko", tuple(renamed), context or arguments, strange)


def _of_aws(words: Sequence[Value]) -> Recognised | None:
    options, arguments, _ = _divided(words, all_take_values=True)
    texts = tuple(argument.text or "" for argument in arguments)
    service, operation = texts[:1], texts[1:]
    does = None
    if service in (("ecr",), ("ecr-public",)):
        does = next((_OF_AWS[operation[:n]] for n in (2, 1) if operation[:n] in _OF_AWS), None)
    elif service and service[0] in _DEPLOYS:
        is_shown = not operation or operation[0].startswith(("describe", "list", "get"))
        does = None if is_shown else Does.DEPLOY
    elif texts[:2] == ("sts", "assume-role"):
        does = Does.ROLE
    return Recognised(does, "aws", options, arguments) if does else None


def _divided(
    words: Sequence[Value], *, all_take_values: bool = False
) -> tuple[tuple[tuple[str, Value], ...], tuple[Value, ...], tuple[str, ...]]:
    """Options, arguments, and what of them is not known here.

    all_take_values: as aws' options do, but for its few switches.
    """
    options: list[tuple[str, Value]] = []
    arguments: list[Value] = []
    strange: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        first = word.parts[0] if word.parts else ""
        if not isinstance(first, str) or not first.startswith("-") or word.text in ("-", "--"):
            arguments.append(word)
            continue
        name, value = _option(word)
        if value is None and name in _SWITCHES:
            value = Value.constant("true")
        elif value is None and (name in _VALUES or all_take_values):
            follows = at < len(words) and not (all_take_values and words[at].source.startswith("--"))
            value = words[at] if follows else Value.constant("true")
            at += follows
        elif name not in _VALUES and name not in _SWITCHES and not all_take_values:
            strange.append(word.source)
        options.append((name, value if value is not None else Value.constant("true")))
    return tuple(options), tuple(arguments), tuple(strange)


def _option(word: Value) -> tuple[str, Value | None]:
    """Its name, without dashes, and the value within the same word."""
    first = str(word.parts[0])
    if not first.startswith("--"):
        letter, rest = first[1:2], Value.of((first[2:], *word.parts[1:]))
        name = _SHORT.get(letter, letter)
        if rest.parts and name in _VALUES:
            return name, rest.partition("=")[1] if first[2:3] == "=" and rest.partition("=") else rest  # type: ignore[index]
        return (_SHORT.get(first[1:], first[1:]) if rest.parts else name), None
    divided = word.partition("=")
    if divided and divided[0].text is not None and divided[0].text == first.partition("=")[0]:
        return divided[0].text[2:], divided[1]
    return first[2:], None
