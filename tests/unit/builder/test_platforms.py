from __future__ import annotations

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.builder.platforms import FROM_ENVIRONMENT, build_platforms, misspelt, normal


@pytest.mark.parametrize(
    ("given", "variable", "platforms"),
    [
        ((), None, ()),
        ((), "", ()),
        ((), "linux/arm64", ("linux/arm64",)),
        ((), "arm64", ("arm64",)),
        ((), "linux/amd64, linux/arm/v7", ("linux/amd64", "linux/arm/v7")),
        (("linux/amd64",), "linux/arm64", ("linux/amd64",)),
        (("linux/amd64",), "no such thing", ("linux/amd64",)),
    ],
)
def test_the_environment_names_the_platform_where_the_settings_do_not(
    given: tuple[str, ...], variable: str | None, platforms: tuple[str, ...]
) -> None:
    environ = {} if variable is None else {FROM_ENVIRONMENT: variable}
    assert build_platforms(given, environ) == platforms


@pytest.mark.parametrize("variable", ["linux arm64", "a/b/c/d", "linux/", "/"])
def test_a_variable_that_names_no_platform_is_a_mistake(variable: str) -> None:
    with pytest.raises(SettingsError, match=f"{FROM_ENVIRONMENT}: .*expected OS/ARCH") as caught:
        build_platforms((), {FROM_ENVIRONMENT: variable})
    assert "--platform" in caught.value.remedy


@pytest.mark.parametrize(
    ("platform", "same"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("Linux/x86_64", "linux/amd64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("arm64", "linux/arm64"),
        ("x86_64", "linux/amd64"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("windows", "windows"),
    ],
)
def test_names_of_one_platform(platform: str, same: str) -> None:
    assert normal(platform) == same
    assert normal(same) == same


@pytest.mark.parametrize(
    ("platform", "said"),
    [
        ("linux/arm46", "linux/arm46: arm46 is not known; did you mean 'arm64'?"),
        ("linx/amd64", "linx/amd64: linx is not known; did you mean 'linux'?"),
        ("linux/amd64/v3", ""),
        ("linux/arm/v7", ""),
        ("linux/aarch64", ""),
        ("plan9/e2k", ""),  # it may be that someone has one
    ],
)
def test_a_platform_that_is_nearly_a_known_one(platform: str, said: str) -> None:
    assert list(misspelt([platform])) == [said][: bool(said)]
