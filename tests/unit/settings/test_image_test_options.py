from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.settings import loaded, problems, problems_of, value


def test_each_line_of_a_variable_is_a_command(tmp_path: Path) -> None:
    found = loaded(tmp_path, ECR_PUSH_TEST="./a.sh --x=1,2\n./b.sh | grep ok\n", ECR_PUSH_TEST_TIMEOUT="90s")
    assert found.image_tests.tests == ("./a.sh --x=1,2", "./b.sh | grep ok")
    assert found.image_tests.test_timeout == 90


def test_the_words_in_the_image_are_those_of_a_shell() -> None:
    assert value("tests_in_image", [" sh -c 'test -e /app' "]) == ("sh -c 'test -e /app'",)


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("tests", [" "], "the command is empty: expected what a shell runs"),
        ("tests_in_image", [""], "the command is empty"),
        ("tests_in_image", ["sh -c 'test"], '"sh -c \'test" is not a valid command: No closing quotation'),
        ("test_timeout", "soon", "'soon' is not a valid duration"),
    ],
)
def test_mistakes(name: str, given: object, text: str) -> None:
    assert text in problems_of(name, given)


def test_a_check_of_the_dockerfile_tests_no_image(tmp_path: Path) -> None:
    given = {"call": "check", "tests": ["./a.sh"], "tests_in_image": ["--version"]}
    found = problems(tmp_path, flags=given)
    assert len(found) == 2
    assert all(one.endswith("has no effect with --call check, which builds nothing") for one in found)
