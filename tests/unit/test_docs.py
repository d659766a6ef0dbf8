"""Documentation that cannot drift: commands in its blocks, settings, exit codes and messages are looked up.

Prose is not parsed: a sentence may name whatever flag or command it likes.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ecr_push.base import errors
from ecr_push.base.fences import Fences
from ecr_push.base.paths import CONFIG_FILE_NAME
from ecr_push.cli.main import cli
from ecr_push.policy.keys import policy_schema
from ecr_push.policy.load import load_policy
from ecr_push.policy.options import PolicyOptions
from ecr_push.policy.read_object import no_objects
from ecr_push.sandbox.osv import parse_osv
from ecr_push.sandbox.scenario import parse_scenario
from ecr_push.settings import declare as declared
from ecr_push.settings.report_files import FORMATS
from ecr_push.settings.schema import json_schema
from tests.support.documents import DOCUMENTS, code_spans, fenced, prose
from tests.support.paths import PACKAGE, ROOT
from tests.support.settings import load_settings, settings
from tests.support.source_code import tree

SHELL = {"sh", "console", "yaml", "groovy"}


# ------------------------------------------------------------------------- commands and variables


def commands() -> list[str]:
    """Every `ecr-push …` that a reader may copy out of a block, without what the shell makes of it."""
    blocks = [text for language in SHELL for _, text in fenced(language)]
    found = []
    for line in [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]:
        # A command begins the line, follows a prompt, `run:`, `$(`, `sh '` or a path to the program.
        call = re.search(r"(?:^|[\s(/'])ecr-push\"? (?P<rest>(?:[a-z]+|--?\w[\w-]*)(?: .*)?)$", line)
        if call and not line.lstrip().startswith(("#", "git ", "cd ")):
            found.append(re.split(r"[)'>|;&#]| \|\| ", call["rest"])[0].strip())
    return found


def parse(words: list[str]) -> None:
    """Parses a command line as click does, and runs nothing."""
    if words[0].startswith("-"):
        return
    command = cli.commands[words[0]]
    if isinstance(command, click.Group):
        words = [" ".join(words[:2]), *words[2:]]
        command = command.commands[words[0].split()[1]]
    with command.make_context(words[0], words[1:]) as context:
        flags = {name: value for name, value in context.params.items() if value not in (None, ())}
    if words[0] not in ("sandbox", "schema"):
        flags.pop("findings", None)
        load_settings({"repository": "team/app", "context": "/nowhere", **flags}, {}, command=words[0])


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_every_command_line_parses(line: str) -> None:
    words = shlex.split(line)
    if words[0] in ("COMMAND", "…") or "…" in words:
        return
    parse(words)


def test_commands_were_found_at_all() -> None:
    assert {line.split()[0] for line in commands()} >= set(cli.commands)


def test_every_variable_that_is_named_exists() -> None:
    known = {declared.environment_name(setting) for setting in declared.options()}
    named = {name for text in DOCUMENTS.values() for name in re.findall(r"(?<!_)ECR_PUSH_[A-Z_]+", text)}
    assert named - known == {"ECR_PUSH_REGOIN"}  # the example of a mistake


# ------------------------------------------------------------------------- what follows from the code


def test_tables_are_those_that_the_code_gives() -> None:
    loader = SourceFileLoader("render_docs", str(ROOT / "scripts" / "render-docs"))
    spec = spec_from_loader("render_docs", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    stale = [path.name for path, now, wanted in module.rendered() if now != wanted]
    assert not stale, "run .venv/bin/python scripts/render-docs"


def test_the_table_of_reports_names_every_format_with_its_endings() -> None:
    table = DOCUMENTS["docs/reports.md"].split("| format |")[1].split("\n\n")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines() if row.startswith("| `")]
    assert {name.strip(" `"): tuple(re.findall("`([^`]+)`", endings)) for name, endings in rows} == FORMATS


def exit_codes() -> set[int]:
    def classes(base: type[errors.EcrPushError]) -> Iterator[type[errors.EcrPushError]]:
        yield base
        for child in base.__subclasses__():
            yield from classes(child)

    signals = {errors.Interrupted(number).exit_code for number in (1, 2, 15)}
    return {
        errors.ACCEPTED,
        errors.REFUSED,
        errors.TESTS_FAILED,
        errors.NOT_VERIFIED,
        errors.DIFFERENT,
        errors.DEFECT,
        *signals,
    } | {one.exit_code for one in classes(errors.EcrPushError) if one.__module__.startswith("ecr_push")}


@pytest.mark.parametrize(
    ("language", "path"),
    [
        ("yaml", "examples/github/release.yml"),
        ("groovy", "examples/jenkins/scripted.Jenkinsfile"),
        ("yaml", "codebuild/fragment.yml"),
    ],
)
def test_what_the_readme_shows_of_a_ci_is_a_part_of_a_tested_file(language: str, path: str) -> None:
    """Whatever its indentation there, and without remarks to a linter."""

    def lines(text: str) -> str:
        return "\n".join(line.partition(" # zizmor:")[0].strip() for line in text.splitlines())

    shown = [lines(block) for page, block in fenced(language) if page == "README.md"]
    assert any(block in lines((ROOT / path).read_text(encoding="utf-8")) for block in shown)


@pytest.mark.parametrize("document", ["README.md", "docs/how-it-works.md"])
def test_the_table_of_exit_codes_is_complete(document: str) -> None:
    table = DOCUMENTS[document].split("| code |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| ([0-9, ]+) \|", table, re.M)
    assert {int(code) for row in rows for code in row.split(",")} == exit_codes()


def test_the_tables_of_tags_name_every_kind_in_the_order_of_promotion() -> None:
    from ecr_push.tags.kinds import ReleaseTag, Tag, TagKind

    table = DOCUMENTS["docs/tags.md"].split("| kind |")[1].split("\n\n")[0]
    rows = [row.split(" | ") for row in re.findall(r"^\| (\w.*) \|$", table, re.M)]
    kinds = {"your own": TagKind.EXTRA}
    documented = {kinds.get(kind) or TagKind(kind): moves for kind, _, moves, _ in rows}
    assert list(documented) == [kind for kind in TagKind if kind is not TagKind.DIRTY]
    for kind, moves in documented.items():
        assert (moves == "never") == ReleaseTag(Tag("x"), kind).protected


# What ECR Public has none of, what is not kept in order there, and what no run asks for.
PRIVATE_ALONE = {"access.py", "catalog.py", "creation.py", "private.py", "lifecycle.py", "repositories.py"}


def actions_in_use(service: str, strange: set[str]) -> set[str]:
    """The operations that the modules of a kind of registry ask of AWS, by the names in their calls."""
    import botocore.session
    from botocore import xform_name

    model = botocore.session.get_session().get_service_model(service)
    modules = [path for path in (PACKAGE / "registry").glob("*.py") if path.name not in strange]
    strings = {
        node.value for path in modules for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)
    }
    return {name for name in model.operation_names if xform_name(name) in strings}


def printed_actions(**options: Any) -> set[str]:
    """The actions in the policies that `ecr-push iam policy` prints for all commands."""
    from ecr_push.pipeline.permissions.commands import commands, permissions_of
    from ecr_push.pipeline.permissions.wish import Wish
    from ecr_push.upkeep.model import Wanted, WantedRepositories

    made = Wanted("MUTABLE", scan_on_push=True, lifecycle="{}", policy="{}", tags={"a": "b"})
    wanted = WantedRepositories({"a": made, "b": Wanted(lifecycle="", policy="")})
    return {
        action
        for command in commands()
        for grants in permissions_of(Wish(command, settings(**options), wanted=wanted)).values()
        for grant in grants
        for action in grant.actions
    }


FULL = {"create_repository": True, "cache": "ecr", "lock": "dynamodb:t", "scan_events_queue": "q"}
FULL |= {"require_signature": True, "attest_verdict": True, "wait_replication": True}


@pytest.mark.parametrize(
    ("service", "strange", "options"),
    [
        ("ecr", {"public.py"}, {"repository": "team/app", **FULL}),
        ("ecr-public", PRIVATE_ALONE, {"repository": "public.ecr.aws/acme/app", **FULL}),
    ],
)
def test_the_printed_policies_allow_every_operation_that_is_called(
    service: str, strange: set[str], options: dict[str, Any]
) -> None:
    # ListImageReferrers has no action of its own:
    # https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
    by_another = {"ListImageReferrers": "BatchGetImage"}
    used = {f"{service}:{by_another.get(name, name)}" for name in actions_in_use(service, strange)}
    assert len(used) > 5
    assert used <= printed_actions(**options)


def test_the_policies_of_the_page_grant_nothing_that_is_not_printed() -> None:
    shown = {
        action
        for name, text in fenced("json")
        if name == "docs/registries.md" and "Statement" in text
        for statement in json.loads(text)["Statement"]
        for action in statement["Action"]
    }
    private = printed_actions(repository="team/app", **FULL)
    assert shown <= private | printed_actions(repository="public.ecr.aws/acme/app", **FULL)


def test_the_policy_on_the_page_about_permissions_is_what_is_printed() -> None:
    from ecr_push.base.iam.write import write
    from ecr_push.pipeline.permissions.commands import permissions_of
    from ecr_push.pipeline.permissions.wish import Wish

    [shown] = [json.loads(text) for name, text in fenced("json") if name == "docs/iam.md"]
    where = {"repository": "team/shop", "region": "eu-west-1", "registry_id": "123456789012"}
    [grants] = permissions_of(Wish("promote", settings(**where), scans="basic")).values()
    assert shown == json.loads(write(grants, "json", "x"))


def test_every_action_that_is_named_exists() -> None:
    import botocore.session

    session = botocore.session.get_session()
    for action in {
        span for _, span in code_spans() if re.fullmatch(r"(ecr|ecr-public|inspector2|sqs):\w+", span)
    }:
        service, _, name = action.partition(":")
        assert name in session.get_service_model(service).operation_names, action


# ------------------------------------------------------------------------- examples


@pytest.mark.parametrize("text", [text for _, text in fenced("yaml") if text.startswith("# ecr-push.yml")])
def test_example_settings_load(text: str, tmp_path: Path) -> None:
    (tmp_path / CONFIG_FILE_NAME).write_text(text, encoding="utf-8")
    load_settings({"context": str(tmp_path)}, {}, command="run")
    assert set(yaml.safe_load(text)) <= set(json_schema()["properties"])


def test_the_example_of_mistakes_says_what_the_code_says(tmp_path: Path) -> None:
    block = next(text for _, text in fenced("text") if "the settings are wrong" in text)
    (tmp_path / CONFIG_FILE_NAME).write_text("\n\n\nplatfrom: linux/amd64\n", encoding="utf-8")
    with pytest.raises(errors.SettingsError) as raised:
        load_settings(
            {"context": str(tmp_path), "fail_on": "hgih", "repository": "team/app"},
            {"ECR_PUSH_REGOIN": "eu-west-1"},
            command="run",
        )
    for problem in raised.value.problems:
        assert problem.replace(f"{tmp_path}/", "./") in block


def test_the_example_policy_loads() -> None:
    path = ROOT / "examples" / "policy.yml"
    policy = load_policy(PolicyOptions(policy=str(path)), no_objects, Fences.of("."))
    assert len(policy.exceptions) == 2 and not any(one.gaps for one in policy.exceptions)
    assert policy.always_refuse and policy.strict == {"expired", "incomplete"}
    assert set(yaml.safe_load(path.read_text(encoding="utf-8"))) <= set(policy_schema()["properties"])


@pytest.mark.parametrize(
    "text",
    [text for name, text in fenced("yaml") if name == "docs/policy.md" and not text.startswith("#")],
)
def test_example_policies_load(text: str, tmp_path: Path) -> None:
    (tmp_path / "policy.yml").write_text(text, encoding="utf-8")
    load_policy(PolicyOptions(policy=str(tmp_path / "policy.yml")), lambda url, limit: b"", Fences.of("."))


@pytest.mark.parametrize("text", [text for _, text in fenced("yaml") if text.startswith("# scenario.yml")])
def test_example_scenarios_parse(text: str) -> None:
    assert parse_scenario(text).faults


@pytest.mark.parametrize("text", [text for _, text in fenced("json") if "schema_version" in text])
def test_example_advisories_parse(text: str) -> None:
    assert parse_osv(text.encode())


def test_the_agents_image_is_the_one_that_the_tests_run_in() -> None:
    shown = [text for _, text in fenced("dockerfile") if "docker-buildx" in text]
    assert shown == [(ROOT / "examples" / "agent" / "Dockerfile").read_text(encoding="utf-8")]


@pytest.mark.parametrize("text", [text for _, text in fenced("yaml")])
def test_yaml_is_yaml(text: str) -> None:
    assert yaml.safe_load(text)


# ------------------------------------------------------------------------- messages and links


def texts_in(node: ast.AST) -> Iterator[str]:
    """Every text; what an f-string fills in is `…`."""
    for one in ast.walk(node):
        if isinstance(one, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in one.values)
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def explained() -> list[tuple[str, str]]:
    """The messages of the page, each with the number in its heading, "" before the first one."""
    _, *sections = re.split(r"^## ", DOCUMENTS["docs/troubleshooting.md"], flags=re.M)
    return [
        (message, "".join(re.findall(r"\A\D*(\d*)", section)))
        for section in sections
        for row in re.findall(r"^\| (`.+?`) \|", section, re.M)
        for message in re.findall(r"`([^`]+)`", row)
    ]


def test_every_message_that_is_explained_exists() -> None:
    """In the package's sources, or in its start's."""
    paths = (*PACKAGE.rglob("*.py"), ROOT / "bundle" / "run" / "start.py")
    known = "\n".join(text for path in paths for text in texts_in(tree(path)))
    messages = re.findall(r"^\| `([^`]+)` \|", DOCUMENTS["docs/troubleshooting.md"], re.M)
    assert len(messages) > 20
    assert [message for message in messages if message not in known] == []


def test_a_message_is_explained_under_the_exit_code_that_it_ends_with() -> None:
    """Where it is written into the error that has the code; a warning, or a problem in a list, is not."""
    codes: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(tree(path)):
            of = vars(errors).get(ast.unparse(node.func)) if isinstance(node, ast.Call) else None
            if isinstance(of, type) and issubclass(of, errors.EcrPushError):
                for text in texts_in(node):
                    codes.setdefault(text, set()).add(str(of.exit_code))
    found = {
        message: (code, set().union(*(codes[text] for text in codes if message in text)))
        for message, code in explained()
    }
    assert len([message for message, (_, ends) in found.items() if ends]) > 60
    assert {message: one for message, one in found.items() if one[1] and one[0] not in one[1]} == {}


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to a document's headings."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_within_the_project_resolve(document: str) -> None:
    text = prose(DOCUMENTS[document])
    links = [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r"^\[[^]]+\]: (\S+)", text, re.M)]
    for link in links:
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / document).parent / path if path else ROOT / document
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def test_the_picture_shows_both_ends_and_no_machine() -> None:
    picture = (ROOT / "docs" / "run.svg").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", "", picture)  # what is in colour is drawn letter by letter
    assert "ACCEPTED" in text and "REFUSED" in text
    assert not re.search(r"/(?:tmp|home|root|opt|srv|var)/", picture)
    assert not re.search(r"url\(.?https?:", picture), "GitHub loads nothing for a picture"


def test_every_picture_is_shown_and_every_one_that_is_shown_is_there() -> None:
    loader = SourceFileLoader("take_pictures", str(ROOT / "scripts" / "take-pictures"))
    spec = spec_from_loader("take_pictures", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    shown = re.findall(r"\]\(pictures/([^)]+)\.png\)", DOCUMENTS["docs/pictures.md"])
    taken = [path.stem for path in (ROOT / "docs" / "pictures").iterdir()]
    assert sorted(shown) == sorted(taken) == sorted(module.pages())
