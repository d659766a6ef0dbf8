"""A usage error says what to type instead."""

from __future__ import annotations

import pytest

from ecr_push.cli.main import cli, main
from ecr_push.cli.usage import HINTS, OTHER_NAMES


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--region x run", "options stand after the command, as in ecr-push run --region …."),
        ("-r team/shop plan .", "options stand after the command, as in ecr-push plan -r …."),
        ("--no-deepen tags", "options stand after the command, as in ecr-push tags --no-deepen …."),
        ("--region x", "options stand after the command, as in ecr-push run --region …."),
        ("run --file x", "it is --dockerfile here."),
        ("run --platforms x", "it is --platform here."),
        ("scan team/shop:1 --severity HIGH", "it is --fail-on here."),
        ("login --account 1", "it is --registry-id here."),
        ("run --ignore-unfixed", "it is the key fixable-only of a policy."),
        ("run --verbose", "--progress plain logs every line of the build."),
        ("scan -r team/shop 1.4.2", "the repository is part of IMAGE, as in ecr-push scan team/shop:1.4.2."),
        ("run --dockerfil x", "Did you mean one of: '--dockerfile'"),
        ("run --test --dry-run", "Option '--test' requires a value, and '--dry-run' is another option."),
        ("run --ssh --label=a=b", "Option '--ssh' requires a value, and '--label' is another option."),
        ("plan -r --no-cache", "Option '--repository' requires a value, and '--no-cache' is another option."),
        ("schmea", "Did you mean"),
        ("policy test --last abc", "'abc' is not a valid number."),
        ("policy test --last 0", "0 is not in the range 1<=x<=1000."),
    ],
)
def test_a_usage_error_says_what_to_type(line: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_a_usage_error_repeats_no_build_argument(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--build-arg", "TOKEN=hunter2", "run"]) == 2
    shown = capsys.readouterr().err
    assert "ecr-push run --build-arg" in shown and "hunter2" not in shown


def test_names_from_elsewhere_are_not_options() -> None:
    options = {
        name
        for command in ("run", "scan", "plan")
        for one in cli.commands[command].params
        for name in one.opts
    }
    assert set(OTHER_NAMES.values()) <= options
    assert not options & {*OTHER_NAMES, *HINTS}
