"""Settings from flags, environment and ecr-push.yml, in that order of precedence.

Every mistake is collected before one `SettingsError` tells them all, each with where it stood.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import Field, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_type_hints

from ecr_push.base.errors import SettingsError
from ecr_push.base.paths import CONFIG_FILE_NAME, is_led_out, outside_of_here
from ecr_push.base.reference import Registry, has_registry, parse_repository
from ecr_push.base.suggest import did_you_mean
from ecr_push.settings import declare as declared
from ecr_push.settings.declare import Settings
from ecr_push.settings.types import QUOTE_IT, core_schema_of

if TYPE_CHECKING:
    from pydantic_core import CoreSchema, SchemaValidator


_NOT_FOR_THE_FILE = "is not for this file, which is a part of what is built and comes with a pull request"


@dataclass(frozen=True)
class Given:
    """A value as it was found, before it is checked. origin is what the user calls the place."""

    value: Any
    origin: str


def load_settings(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    command: str,
    file: bool = True,
    needs_repository: bool = True,
) -> Settings:
    """The settings for one command.

    flags:   values from the command line by field name; only those that the user gave.
    environ: the environment; names that begin with ECR_PUSH_ are ours.
    command: checked for what it cannot do without, such as `run` without a repository.
    file: whether ecr-push.yml may say anything.
    needs_repository: False for a run that only builds and checks.

    The file is ecr-push.yml in the context directory. Raises SettingsError with all mistakes, and with
    what is right besides.
    """
    problems: list[str] = []
    from_environment = dict(_read_environment(environ, problems))
    context = _first("context", _from_flags(flags), from_environment)
    config_file = Path(context.value if context else ".") / CONFIG_FILE_NAME
    from_file: dict[str, Given] = {}
    unread = False
    if file:
        try:
            from_file = dict(_read_file(config_file, problems))
        except _UnreadError as error:
            problems.append(str(error))
            unread = True
    given = {**from_file, **from_environment, **_from_flags(flags)}
    mistaken = _mistakes(given)
    problems += [problem for found in mistaken.values() for problem in found]
    values = {name: one.value for name, one in given.items() if name not in mistaken}
    settings = Settings(**_validator().validate_python(values))
    unknown = mistaken.keys() | {one.name for one in declared.options() if unread and one.name not in given}
    contradictions = list(_contradictions(settings, command, unknown, needs_repository))
    problems += [f"{flag}: {text}" for flag, text in contradictions]
    if {"--report", "--result"} & {flag for flag, _ in contradictions}:  # nothing is to be written there
        settings = replace(settings, reports=(), result="")
    if problems:
        raise SettingsError(problems, remedy=f"see 'ecr-push {command} --help'", sound=settings)
    return settings


def json_schema() -> dict[str, Any]:
    """The JSON Schema of ecr-push.yml, for editors."""
    from pydantic import TypeAdapter

    from ecr_push.policy.keys import policy_schema

    schema = TypeAdapter(Settings).json_schema(mode="validation")
    by_field = schema["properties"]
    properties = {}
    for setting in declared.options():
        if declared.option_help(setting).by_caller:
            continue
        shown = {name: value for name, value in by_field[setting.name].items() if name != "title"}
        forms = _forms(setting, shown)
        shown = shown if len(forms) == 1 else {"anyOf": forms}
        properties[declared.key(setting)] = {"description": declared.option_help(setting).help} | shown
    about = properties["policy"]["description"]
    properties["policy"] = {"description": about, "anyOf": [{"type": "string"}, {"$ref": "#/$defs/policy"}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": CONFIG_FILE_NAME,
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": {"policy": policy_schema()},
    }


def _forms(setting: Field[Any], shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The forms that the file may give a setting in: several values also in one text or as a list."""
    forms: list[dict[str, Any]] = [{"type": ["string", "number"]}]
    if declared.option_help(setting).separator:
        forms.append({"type": "array", "items": shown.get("items", {"type": "string"})})
    if declared.key(setting) in MAPPINGS:
        forms.append({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}})
    return forms


def _first(name: str, *sources: Mapping[str, Given]) -> Given | None:
    return next((source[name] for source in sources if name in source), None)


def _from_flags(flags: Mapping[str, Any]) -> dict[str, Given]:
    return {
        setting.name: Given(_split(setting, flags[setting.name]), declared.flag(setting))
        for setting in declared.options()
        if setting.name in flags
    }


def _read_environment(environ: Mapping[str, str], problems: list[str]) -> Iterable[tuple[str, Given]]:
    known = {declared.environment_name(setting): setting for setting in declared.options()}
    for name, text in environ.items():
        if not name.startswith(declared.ENVIRONMENT_PREFIX):
            continue
        if name not in known:
            problems.append(f"{name}: there is no such setting{did_you_mean(name, known)}")
        elif text:  # CIs hand every input over, the empty ones too
            yield known[name].name, Given(_split(known[name], text), name)


class _UnreadError(Exception):
    """There is an ecr-push.yml, and nothing of what it says is known."""


def _compose(path: Path) -> Any:
    """The file's tree, None where it says nothing. Raises _UnreadError."""
    import yaml

    try:
        # BaseLoader: every scalar stays text, so that the account 012345670123 is not read as octal.
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
        raise _UnreadError(f"{place}: is no valid YAML: {_yaml_words(error)}") from error
    except (UnicodeDecodeError, OSError) as error:
        raise _UnreadError(f"{path}: cannot be read: {_one_line(error)}") from error
    if root is not None and not isinstance(root, yaml.MappingNode):
        raise _UnreadError(f"{path}: expected settings as 'name: value' lines")
    return root


def _read_file(path: Path, problems: list[str]) -> Iterable[tuple[str, Given]]:
    """Raises _UnreadError before anything is yielded."""
    if not path.is_file():
        if (other := path.with_suffix(".yaml")).is_file():
            raise _UnreadError(f"there is an {other}, which is not read: call it {path.name}")
        return
    import yaml

    root = _compose(path)
    if root is None:
        return
    known = {declared.key(setting): setting for setting in declared.options()}
    loader = yaml.BaseLoader("")
    seen: dict[str, int] = {}
    for key_node, value_node in root.value:
        line = key_node.start_mark.line + 1
        origin = f"{path}, line {line}"
        name = str(key_node.value)
        if name not in known:
            problems.append(f"{origin}: there is no setting {name!r}{did_you_mean(name, known)}")
            continue
        if declared.option_help(known[name]).by_caller:
            where = declared.said_by_caller(known[name])
            problems.append(f"{origin}, {name}: {_NOT_FOR_THE_FILE}: give {where}")
            continue
        if name in seen:
            problems.append(f"{origin}: {name!r} is already set in line {seen[name]}")
        seen[name] = line
        try:
            value = loader.construct_object(value_node, deep=True)
        except yaml.YAMLError as error:  # it contains itself, or a name that is a list
            problems.append(f"{origin}, {name}: cannot be read: {_yaml_words(error)}")
            continue
        if isinstance(value, list) and (nested := [one for one in value if not isinstance(one, str)]):
            problems.append(f"{origin}, {name}: {nested[0]}: expected a text, and no list or map")
            continue
        if name == "policy" and isinstance(value, str) and not value.startswith("s3://"):
            value = str(path.parent / value)
        if isinstance(value, str) or (isinstance(value, list) and declared.option_help(known[name]).block):
            value = _split(known[name], value)
        elif isinstance(value, dict) and name == "policy":
            value = str(path)  # the policy stands here: `policies/files.py` reads it, with its lines
        elif isinstance(value, dict) and name in MAPPINGS:
            if nested := [one for one, of in value.items() if not isinstance(of, str)]:
                problems.append(f"{origin}, {name}: {', '.join(nested)}: expected a text, and no list or map")
                continue
            pairs = [f"{one}={of}" for one, of in value.items()]
            value = ",".join(pairs) if name == "max-findings" else pairs
        if name in ("result", "report") and (outside := outside_of_here(value)):
            problems.append(
                f"{origin}, {name}: {outside} is not below the working directory, and this file comes with a "
                f"pull request: give --{name} or {declared.environment_name(known[name])}"
            )
            continue
        yield known[name].name, Given(value, f"{origin}, {name}")


def _split(setting: Field[Any], value: Any) -> Any:
    """Several values in one text, or flags that were repeated, as a flat list; a block stays one text."""
    about = declared.option_help(setting)
    if not about.separator:
        return value
    texts = [value] if isinstance(value, str) else value
    if about.block:
        return about.separator.join(map(str, texts))
    if about.separator == "\n" and not isinstance(value, str):  # a value may have several lines
        return [text.strip() for text in map(str, texts) if text.strip()]
    return [part for text in texts for part in _parts(str(text), about.separator)]


def _parts(text: str, separator: str) -> list[str]:
    """The values in one text. Line breaks divide whatever else does; a line of several may be a remark."""
    lines = [line.strip() for line in text.split("\n")]
    kept = [line for line in lines if len(lines) == 1 or not line.startswith("#")]
    parts = kept if separator == "\n" else [part.strip() for line in kept for part in line.split(separator)]
    return [part for part in parts if part]


@cache
def _validator() -> SchemaValidator:
    """pydantic's engine, told of our types by ourselves: pydantic's own layer above it, which reads them
    off the class, takes 40 ms to load, a quarter of `ecr-push tags`. Only `json_schema` needs it.
    """
    from pydantic_core import SchemaValidator

    fields = {
        name: {"type": "typed-dict-field", "schema": core_schema_of(of), "required": False}
        for name, of in get_type_hints(Settings, include_extras=True).items()
    }
    return SchemaValidator(cast("CoreSchema", {"type": "typed-dict", "fields": fields}))


def _mistakes(given: Mapping[str, Given]) -> dict[str, list[str]]:
    """What is wrong with each value, by field name; of a text of rules, each mistake by itself."""
    from pydantic_core import ValidationError

    try:
        _validator().validate_python({name: one.value for name, one in given.items()})
    except ValidationError as error:
        found: dict[str, list[str]] = {}
        for one in error.errors(include_url=False):
            name = str(one["loc"][0])
            texts = _explain(one, given[name].value)
            if given[name].origin.startswith("--"):  # no YAML has come between
                texts = [text.partition(QUOTE_IT)[0] for text in texts]
            found.setdefault(name, []).extend(texts)
        return {name: [f"{given[name].origin}: {text}" for text in texts] for name, texts in found.items()}
    return {}


def _explain(error: Any, value: Any) -> Sequence[str]:
    if error["type"] == "value_error":
        raised = error["ctx"]["error"]
        return getattr(raised, "problems", None) or [str(raised)]
    if error["type"] == "literal_error":
        expected = [part.strip("'") for part in error["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        return [f"{value!r} is not one of {', '.join(expected)}{did_you_mean(str(value), expected)}"]
    if error["type"].startswith("bool"):
        return [f"{value!r} is neither true nor false"]
    return [f"{error['msg'][0].lower()}{error['msg'][1:]}"]


def _yaml_words(error: Exception) -> str:
    """What PyYAML says, without its name for the text."""
    return getattr(error, "problem", None) or _one_line(error).partition(' in "<')[0]


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


# What ecr-push.yml may also hold as `name: value` lines.
MAPPINGS = frozenset({"build-arg", "max-findings", "label", "annotation", "channel"})

_Contradiction = tuple[str, str]  # the flag, and what is wrong with it


class _MistakenError(Exception):
    """A setting that was asked for is known to be wrong: what it was to be, nobody knows."""


class _Sound:
    """Settings, of which those that are mistaken cannot be read: their defaults stand in for nothing."""

    def __init__(self, settings: Settings, mistaken: Container[str]) -> None:
        self._settings, self._mistaken = settings, mistaken

    def __getattr__(self, name: str) -> Any:
        if name in self._mistaken:
            raise _MistakenError
        return getattr(self._settings, name)


def _contradictions(
    settings: Settings, command: str, mistaken: Container[str], needs_repository: bool
) -> Iterable[_Contradiction]:
    """What does not go together. Of settings that are mistaken nothing follows, not even that they lack."""
    sound = cast("Settings", _Sound(settings, mistaken))
    for check in (
        *([_needs_a_repository] if needs_repository else []),
        _one_place,
        _image_or_build,
        _sandbox_alone,
        _one_identity,
        _kms_with_create,
        _one_source_of_versions,
        _version_of_the_scheme,
        _flavor_of_rules,
        _reports_can_be_written,
        _one_ref,
        _container_has_a_name,
    ):
        with contextlib.suppress(_MistakenError):
            yield from check(sound, command)


def _needs_a_repository(settings: Settings, command: str) -> Iterable[_Contradiction]:
    if command in ("run", "plan", "rollback", "policy test") and not settings.repository:
        yield "--repository", "is needed: the repository's name, such as team/app"


def _one_place(settings: Settings, command: str) -> Iterable[_Contradiction]:
    if not has_registry(settings.repository):
        return
    registry: Registry = parse_repository(settings.repository).registry
    for flag, said, fact in (
        ("--region", settings.region, registry.region),
        ("--registry-id", settings.registry_id, registry.account),
    ):
        if said and fact and said != fact:
            yield flag, f"{said} contradicts --repository {settings.repository}"
    if registry.kind == "public":
        if settings.registry_id:
            yield "--registry-id", "ECR Public has no registry ids: the alias in --repository names it"
        if settings.kms_key:
            yield "--kms-key", "ECR Public has no KMS encryption"


def _image_or_build(settings: Settings, command: str) -> Iterable[_Contradiction]:
    if not settings.image:
        return
    for flag, name in (
        ("--dockerfile", "dockerfile"),
        ("--build-arg", "build_args"),
        ("--target", "target"),
        ("--platform", "platforms"),
        ("--builder", "builder"),
        ("--label", "labels"),
        ("--annotation", "annotations"),
    ):
        with contextlib.suppress(_MistakenError):
            if getattr(settings, name):
                yield flag, "has no meaning with --image, which builds nothing"


def _sandbox_alone(settings: Settings, command: str) -> Iterable[_Contradiction]:
    if settings.sandbox:
        for flag, said in (
            ("--profile", settings.profile),
            ("--role", settings.role),
            ("--role-to-assume", settings.role_to_assume),
        ):
            if said:
                yield flag, "has no meaning with --sandbox, which needs no AWS credentials"
        if settings.scan_events_queue:
            yield "--scan-events-queue", "has no meaning with --sandbox, which has no queues"
        if has_registry(settings.repository):
            yield "--repository", "with --sandbox give the name alone: the sandbox is its own registry"
        for directory in settings.advisories:
            if not Path(directory).is_dir():
                yield "--advisories", f"there is no directory {directory}"
    elif settings.advisories and command in ("run", "plan"):
        yield "--advisories", "is for the sandbox's scanner: give --sandbox too"


def _one_identity(settings: Settings, command: str) -> Iterable[_Contradiction]:
    if settings.role_to_assume and settings.profile and not settings.sandbox:
        yield "--profile", "has no meaning with --role-to-assume, whose credentials are the job's own"


def _kms_with_create(settings: Settings, command: str) -> Iterable[_Contradiction]:
    if settings.kms_key and not settings.create_repository:
        yield "--kms-key", "is fixed when a repository is made: give --create-repository too"


def _one_source_of_versions(settings: Settings, command: str) -> Iterable[_Contradiction]:
    if settings.version and settings.version_file:
        yield "--version-file", f"has no meaning with --version {settings.version}, which says it all"
        return
    strategy = settings.version_strategy
    if settings.version and strategy not in ("describe", "explicit"):
        yield "--version", f"contradicts --version-strategy {strategy}"
    elif settings.version_file and strategy not in ("describe", "file"):
        yield "--version-file", f"contradicts --version-strategy {strategy}"
    if strategy == "explicit" and not settings.version:
        yield "--version", "is needed: --version-strategy explicit takes it from there"
    if settings.commit_scopes and strategy != "conventional":
        yield "--commit-scope", "is for --version-strategy conventional"
    if settings.git_tag and strategy == "tag":
        yield (
            "--git-tag",
            "has no meaning with --version-strategy tag, which takes versions from git tags alone",
        )


def _version_of_the_scheme(settings: Settings, command: str) -> Iterable[_Contradiction]:
    from ecr_push.versions.schemes.choice import parse_scheme

    scheme = parse_scheme(settings.version_scheme)
    if settings.version and scheme.read(settings.version) is None:
        as_number = "; quote it where it stands in YAML: 1.10 is the number 1.1 there"
        hint = as_number if re.fullmatch(r"[0-9]+\.[0-9]+", settings.version) else ""
        yield "--version", f"{settings.version!r} is no version of the scheme {scheme.name}{hint}"


def _flavor_of_rules(settings: Settings, command: str) -> Iterable[_Contradiction]:
    if settings.flavor and not settings.tag_rules and settings.naming == "ecr-push":
        own = "take docker/metadata-action's own with --naming metadata-action"
        yield "--flavor", f"shapes the rules of --tags: give those too, or {own}"


def _reports_can_be_written(settings: Settings, command: str) -> Iterable[_Contradiction]:
    """Looked at before anything is built: a report that cannot be written is a verdict that nobody sees."""
    wanted = [("--report", one.path) for one in settings.reports]
    if settings.result:
        wanted.insert(0, ("--result", settings.result))
    seen: dict[Path, str] = {}
    for flag, path in wanted:
        file = Path(path).absolute()
        if file in seen:
            yield flag, f"{path} is written by {seen[file]} already"
        elif file.is_dir():
            yield flag, f"{path} is a directory"
        elif not file.parent.is_dir():
            yield flag, f"there is no directory {file.parent}"
        elif is_led_out(file, Path(settings.context)):
            yield flag, f"{path} is led out of the checkout by a link: give {file.resolve()} itself"
        seen[file] = flag


def _one_ref(settings: Settings, command: str) -> Iterable[_Contradiction]:
    for flag, said in (("--branch", settings.branch), ("--pull-request", settings.pull_request)):
        if said and settings.tag_ref:
            yield "--tag-ref", f"contradicts {flag}: a run is for one of them"


def _container_has_a_name(settings: Settings, command: str) -> Iterable[_Contradiction]:
    last = settings.repository.rpartition("/")[2]
    wanted = any(one.format == "imagedefinitions" for one in settings.reports)
    if wanted and "." in last and not settings.container_name:
        yield (
            "--container-name",
            f"is needed for imagedefinitions: ECS allows no {last!r} as a container's name",
        )
