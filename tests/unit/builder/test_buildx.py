from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.base.process import Completed
from ecr_push.builder.attestations import Attestations
from ecr_push.builder.bake import definition
from ecr_push.builder.buildx_command import bake_command, build_command, by_hand
from ecr_push.builder.buildx_failure import failure
from ecr_push.builder.buildx_metadata import pushed_of
from ecr_push.builder.buildx_output import push_output
from ecr_push.builder.compression import Compression
from ecr_push.builder.plan import BuildPlan

PLAN = BuildPlan(Path("app"), Path("app/Dockerfile"))
NAME = "127.0.0.1:5000/app:candidate-1"
STEP = """\
#5 [2/2] RUN make  && true
#5 0.103 make: not found
------
 > [2/2] RUN make:
0.103 make: not found
------
Dockerfile:3
--------------------
   1 |     FROM scratch
   2 |
   3 | >>> RUN make
   4 |     COPY . .
--------------------
ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 127"""
COPY = """\
app/Dockerfile:2
--------------------
   1 |     FROM scratch
   2 | >>> COPY none /
--------------------
ERROR: failed to solve: failed to compute cache key: "/none": not found"""


@pytest.mark.parametrize(
    ("output", "what", "why"),
    [
        (STEP, "Dockerfile:3: RUN make: exit code 127", "0.103 make: not found"),
        (
            f"{STEP}\n\nView build details: docker-desktop://x",
            "Dockerfile:3: RUN make: exit code 127",
            "0.103 make: not found",
        ),
        (
            STEP.replace(
                ">>> RUN make\n   4 |     COPY", ">>> RUN make \\\n   4 | >>>     all\n   5 |     COPY"
            ),
            "Dockerfile:3: RUN make \\: exit code 127",
            "0.103 make: not found\n   3 | >>> RUN make \\\n   4 | >>>     all",
        ),
        (
            COPY,
            "app/Dockerfile:2: COPY none /",
            'ERROR: failed to solve: failed to compute cache key: "/none": not found',
        ),
        ("ERROR: no builder", "docker buildx build failed with exit code 1", "ERROR: no builder"),
        ("", "docker buildx build failed with exit code 1", ""),
    ],
)
def test_the_headline_is_the_step_that_failed(output: str, what: str, why: str) -> None:
    error = failure(Completed(1, tuple(output.splitlines())), PLAN, NAME)
    assert isinstance(error, BuildError)
    assert error.what == what
    assert error.why == why  # what the headline says is not repeated
    # Not the last word: a full stop follows, and `.` before it would be the folder `..`.
    assert error.remedy.endswith("`docker buildx build --file=app/Dockerfile app` builds without pushing")


WAITED = """\
#0 building with "far" instance using remote driver
#1 [internal] waiting for connection
#1 ERROR: context deadline exceeded
------
 > [internal] waiting for connection:
------
ERROR: failed to build: context deadline exceeded"""


@pytest.mark.parametrize(
    ("builder", "what", "remedy"),
    [
        ("far", "the buildx builder far does not answer", "docker buildx rm far"),
        ("", "the buildx builder does not answer", "docker buildx rm NAME"),
    ],
)
@pytest.mark.parametrize("step", ["waiting for connection", "booting buildkit"])
def test_a_builder_that_does_not_answer(builder: str, what: str, remedy: str, step: str) -> None:
    output = WAITED.replace("waiting for connection", step)
    error = failure(Completed(1, tuple(output.splitlines())), plan_of(builder=builder), NAME)
    assert (type(error), error.what) == (BuildError, what)
    assert error.why == f"{step}: failed to build: context deadline exceeded"
    assert "docker buildx inspect --bootstrap" in error.remedy and remedy in error.remedy


def test_the_remedy_has_what_was_chosen_of_the_build() -> None:
    plan = plan_of(args=(("A", "hunter2"),), target="app", platforms=("linux/arm64",), builder="far")
    remedy = failure(Completed(1, ("ERROR: x",)), plan, NAME).remedy
    flags = "--file=app/Dockerfile --build-arg=A --target=app --platform=linux/arm64 --builder=far app"
    assert f"`docker buildx build {flags}`" in remedy
    attested = replace(plan, attestations=Attestations(sbom={}))
    remedy = failure(Completed(1, ("ERROR: x",)), attested, NAME).remedy
    assert f"`docker buildx build --provenance=false --sbom=true {flags}`" in remedy


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        (
            "ERROR: failed to fetch remote https://h/a.git: git stderr:\nfatal: could not read Username for",
            True,
        ),
        ("ERROR: failed to fetch remote git@h:a.git: git stderr:\nh: Permission denied (publickey).", True),
        ("ERROR: failed to fetch remote https://h/a.git: git stderr:\nfatal: could not resolve host", False),
        ("#5 0.7 fatal: could not read Username for 'https://h'\nERROR: exit code: 128", False),
    ],
)
def test_a_private_repository_needs_a_token(said: str, hint: bool) -> None:
    remedy = failure(Completed(1, tuple(said.splitlines())), PLAN, NAME).remedy
    assert remedy.startswith("for a private repository give --secret id=GIT_AUTH_TOKEN,env=NAME") == hint


def test_a_failed_push_is_the_registrys_error() -> None:
    why = f"failed to solve: failed to push {NAME}: 403 Forbidden"
    error = failure(Completed(1, (f"ERROR: target image: {why}",)), PLAN, NAME)
    assert isinstance(error, RegistryError)
    assert error.why == why


def plan_of(**more: Any) -> BuildPlan:
    return BuildPlan(Path("app"), Path("app/Dockerfile"), **more)


def test_no_value_of_a_build_argument_is_in_argv_or_the_log() -> None:
    plan = plan_of(args=(("NPM_TOKEN", "hunter2"), ("GIT_TOKEN", "hunter2"), ("DOCKER_HOST", "hunter2")))
    shown = by_hand(plan, ("--push",))
    assert {"--build-arg=NPM_TOKEN", "--build-arg=GIT_TOKEN", "--build-arg=DOCKER_HOST"} <= set(shown)
    assert "hunter2" not in " ".join((*shown, *bake_command(plan, Path("/tmp/m.json"))))


def test_the_definition_has_what_was_asked_for() -> None:
    plan = plan_of(
        target="app", platforms=("linux/amd64", "linux/arm64"), labels={"a": "b"}, annotations=("c",)
    )
    text = definition(plan, {"N": "v"}, ("x",), ("host/app",))
    assert f'context = "{Path.cwd()}/app"' in unescaped(text)
    assert f'dockerfile = "{Path.cwd()}/app/Dockerfile"' in unescaped(text)
    for line in (
        *('target = "app"', 'platforms = ["linux/amd64", "linux/arm64"]', 'args = {"N" = "v"}'),
        *('labels = {"a" = "b"}', 'annotations = ["c"]', 'output = ["x"]', 'tags = ["host/app"]'),
    ):
        assert f"  {line}\n" in text
    assert '["type=provenance,disabled=true", "type=sbom,disabled=true"]' in unescaped(text)
    assert "tags" not in definition(plan_of(), {}, ("x",))


CALLS = ("--check", "--call=check", "call=check", '"\n  call = "check"\n  x = "', "check")


@pytest.mark.parametrize("value", CALLS)
def test_no_value_makes_a_build_a_check(value: str) -> None:
    """`--check` and `--call` beside a push push an image without layers, under the tag: buildx 0.29.1."""
    plan = BuildPlan(
        Path(value),
        Path(value, "Dockerfile"),
        ((value, value),),
        value,
        (value,),
        value,
        "",
        {value: value},
        (value,),
    )
    lines = definition(plan, {value: value}, (value,), value).splitlines()
    keys = {line.split(" = ")[0].strip() for line in lines[1:-1]}
    assert keys == {
        *("context", "dockerfile", "args", "labels", "annotations", "output", "attest"),
        *("tags", "target", "platforms"),
    }
    metadata = Path("/tmp/m.json")
    for argv in (by_hand(plan, ()), build_command(plan, metadata, ()), bake_command(plan, metadata)):
        assert not [one for one in argv if one.startswith(("--check", "--call"))]


def unescaped(text: str) -> str:
    return re.sub(
        r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})", lambda found: chr(int(found[1] or found[2], 16)), text
    )


@given(st.text())
def test_a_value_is_text_and_no_template(value: str) -> None:
    """HCL has a meaning for `\\`, `"`, `${` and `%{`, and YAML, which bake tries first, for `:` and `#`."""
    text = re.search(r'"A" = "(.*)"}\n', definition(plan_of(), {"A": value}, ()))
    assert text
    assert re.fullmatch(r"(?:[A-Za-z0-9/._ -]|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})*", text[1])
    assert unescaped(text[1]) == value


def test_the_builder_is_chosen_on_the_command_line() -> None:
    plan = plan_of(builder="big")
    assert "--builder=big" in bake_command(plan, Path("m"))
    assert "--builder=big" in build_command(plan, Path("m"), ())


def test_a_build_without_arguments_is_the_command_that_is_shown_with_its_labels() -> None:
    plan = plan_of(labels={"a": "b=c"}, annotations=("d=e",), platforms=("linux/amd64",), target="app")
    shown = by_hand(plan, ("--push", "--tag=host/app:1"))
    run = build_command(plan, Path("/run/m.json"), ("--push", "--tag=host/app:1"))
    more = ["--metadata-file=/run/m.json", "--label=a=b=c", "--annotation=d=e"]
    assert [word for word in run if word not in shown] == more
    assert [word for word in run if word not in more] == list(shown)
    assert run[-1] == "app"


# What buildx writes of the image that it pushed, with arguments and without.
DIGEST = "sha256:" + "a" * 64
BUILT = {"containerimage.digest": DIGEST, "containerimage.descriptor": {"mediaType": "type"}}


@pytest.mark.parametrize(("args", "found"), [((), BUILT), ((("N", "v"),), {"image": BUILT})])
def test_the_digest_is_read_from_the_metadata(args: Any, found: Any, tmp_path: Path) -> None:
    file = tmp_path / "m.json"
    file.write_text(json.dumps(found))
    assert pushed_of(file, plan_of(args=args)) == (DIGEST, "type", ())


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", "{}", "null", '{"image": null}', '{"containerimage.digest": 1}']
)
@pytest.mark.parametrize("args", [(), (("N", "v"),)])
def test_metadata_without_a_digest_is_an_error_of_the_build(
    args: Any, text: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "m.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(BuildError, match="did not say which image"):
        pushed_of(file, plan_of(args=args))


@pytest.mark.parametrize(
    ("version", "stored"),
    [
        *(("v0.29.1", False), ("0.29.1+ds1", False), ("v0.22.0-rc1", False), ("v1.0.0", False)),
        *(("0.13.1+ds1", True), ("v0.21.3", True), ("", True), ("a1b2c3d", True)),
    ],
)
def test_an_image_is_kept_out_of_the_engine_by_a_buildx_that_pushes_once(version: str, stored: bool) -> None:
    assert ("store=false" not in push_output(version, Compression())) == stored


@pytest.mark.parametrize("version", ["v0.36.1", "0.29.1+ds1", "0.13.1+ds1", ""])
def test_every_builder_is_asked_for_the_media_types_of_oci(version: str) -> None:
    """Annotations and other compressions exist in them alone, and newer builders write no others."""
    assert "oci-mediatypes=true" in push_output(version, Compression()).split(",")
