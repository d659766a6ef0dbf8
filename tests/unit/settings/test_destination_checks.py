from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.settings.unused import unused_by_build_checks, unused_without_push
from tests.support.settings import loaded, problems, problems_of, value


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"load": True}, ""),
        ({"load": True, "repository": None}, "--load: needs a name in the engine: give --tag NAME:TAG"),
        ({"load": True, "repository": None, "extra_tags": ("shop:test",)}, ""),
        ({"load": True, "repository": None, "tag_rules": "b/c:test"}, ""),
        ({"exports": ("type=docker",), "repository": None}, "--export: needs a name in the engine"),
        ({"push": False, "repository": None}, ""),
        ({"push": True, "repository": None}, "--repository: is required"),
        ({"push": True, "load": True}, "--push: contradicts --load, which pushes nothing"),
        ({"push": True, "exports": ("type=tar,dest=x.tar",)}, "--push: contradicts --export"),
        ({"load": True, "image": "app:1"}, "--load: has no effect with --image, which builds nothing"),
        ({"push": False, "parts": ("a", "b")}, "--push: has no effect with --part"),
        ({"load": True, "call": "check"}, "--load: has no effect with --call check"),
        ({"push": False, "call": "check"}, ""),
        (
            {"push": False, "sandbox": True},
            "--sandbox: has no effect where nothing is pushed",
        ),
        (
            {"extra_tags": ("shop:test",)},
            "--tag: 'shop:test' is not a valid image tag: it is an image",
        ),
        ({"exports": ("gone/x.tar",)}, ""),  # a folder, which docker makes
        ({"exports": ("type=oci,dest=/gone/x.tar",)}, "--export: there is no directory /gone"),
        ({"exports": ("type=tar,dest=x", "type=oci,dest=./x")}, "--export: ./x is written by two of them"),
        (
            {"exports": ("..",)},
            "--export: .. holds the checkout, over which the image",
        ),
    ],
)
def test_what_does_not_go_together(
    flags: dict[str, object], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if not text:
        loaded(tmp_path, flags=flags)
        return
    (problem,) = problems(tmp_path, flags=flags)
    assert text in problem


def test_no_link_of_the_checkout_leads_an_export_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    for folder in (checkout, checkout / ".git", home):
        folder.mkdir()
    (checkout / "out").symlink_to(home)
    monkeypatch.chdir(checkout)
    for export in ("out/files", "type=oci,dest=out/x.tar"):
        (problem,) = problems(checkout, flags={"exports": (export,)})
        assert "it leads outside the checkout by a symlink" in problem


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("type=oci", "type=oci needs dest=FILE"),
        ("type=local", "type=local needs dest=DIR"),
        ("type=image,push=true", "type=image: a run pushes by itself"),
        ("type=oci,dest=-", "standard output has the result of the run"),
        ("-", "standard output has the result of the run"),
        ("type=oci,dest=x,push=true", "push: what is exported is not pushed"),
        ("type=oci,dest=x,compression=lz4", "compression=lz4: expected one of gzip, zstd, uncompressed"),
        ("type=zip,dest=x", "type=zip: expected one of oci, docker, local, tar"),
        ("type=oci,dest", "expected type=TYPE,dest=PATH"),
    ],
)
def test_exports_that_are_refused(given: str, text: str) -> None:
    assert text in problems_of("exports", [given])


def test_a_folder_is_the_short_form_of_docker() -> None:
    assert value("exports", ["out", "type=docker"]) == ("type=local,dest=out", "type=docker")


def test_options_that_have_no_effect_are_named_as_flags() -> None:
    given = {"fail_on": "high", "lock": "x", "repository": "team/app", "target": "app", "secrets": ("x",)}
    assert unused_without_push(given) == ("--lock", "--fail-on")
    assert unused_by_build_checks(given) == ("--secret", "--lock", "--fail-on")
