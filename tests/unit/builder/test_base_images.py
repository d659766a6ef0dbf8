"""Which images a Dockerfile is built from, and by which names a registry knows them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ecr_push.builder.base_images import image_of, left_out_bases, outside_bases

PINNED = f"node@sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM node:22\n", ("node:22",)),
        ("FROM --platform=$BUILDPLATFORM golang AS unused\nFROM gcr.io/x/static\n", ("gcr.io/x/static",)),
        ("FROM go AS build\nFROM gcr.io/os:1\nCOPY --from=build /a /\n", ("go", "gcr.io/os:1")),
        ("FROM golang AS build\nFROM scratch\nCOPY --from=0 /a /\n", ("golang",)),
        ("FROM scratch\nCOPY --from=nginx:1 /a /\nRUN --mount=from=os,target=/b x\n", ("nginx:1", "os")),
        ("ARG NODE=22\nARG IMAGE=node:${NODE}-slim\nFROM $IMAGE\n", ("node:22-slim",)),
        ("ARG OS\nFROM node:${OS}\n", ()),  # only the builder knows
        (f"FROM {PINNED}\nFROM scratch\n", ()),
        ("# syntax=acme/frontend\nFROM node\n", ()),
        ("# syntax=docker/dockerfile:1\nFROM node\n", ("node",)),
        (f"# syntax=docker.io/docker/dockerfile:1.4-labs@sha256:{'b' * 64}\nFROM node\n", ("node",)),
        ("# syntax=docker/dockerfile:1.10\nFROM node\n", ("node",)),
        # Docker's own that takes no build contexts.
        ("# syntax=docker/dockerfile:1.2\nFROM node\n", ()),
        (f"# syntax=docker/dockerfile:1.3.1-labs@sha256:{'b' * 64}\nFROM node\n", ()),
        ("# syntax=docker/dockerfile:experimental\nFROM node\n", ()),
        ("RUN nothing\n", ()),
        ("FROM node:22 AS NODE\nFROM node\n", ("node:22",)),  # a stage, whatever its case
        ("FROM Not/A-Name:\n", ()),
        ("from \\\n  --platform=linux/amd64 \\\n  node:22\n", ("node:22",)),
        ("FROM scratch\n\tfrom node:22 as x\n", ("node:22",)),
        ("FROM scratch AS a\nFROM SCRATCHY\n", ()),  # docker takes no capitals
        ("FROM scratchy\n", ("scratchy",)),
    ],
)  # fmt: skip
def test_the_images_without_a_digest_that_a_build_needs(text: str, found: tuple[str, ...]) -> None:
    assert outside_bases(text, "", {}) == found
    assert left_out_bases(text, "", {}) == {}


@pytest.mark.parametrize(
    ("text", "found", "behind"),
    [
        ("FROM golang AS golang\nFROM golang\n", (), ("golang",)),
        ("FROM docker.io/go AS Go\nFROM os:1 AS os\nCOPY --from=go /a /\n", ("os:1",), ("docker.io/go",)),
        ("FROM go:latest AS go\nFROM go:1 AS b\nFROM go\nCOPY --from=b / /\n", ("go:1",), ("go:latest",)),
        ("FROM os AS unused\nFROM go AS os\nFROM unused\n", ("os",), ()),
    ],
)
def test_a_base_that_has_the_name_of_a_stage(
    text: str, found: tuple[str, ...], behind: tuple[str, ...]
) -> None:
    assert outside_bases(text, "", {}) == found
    assert left_out_bases(text, "", {}) == dict.fromkeys(behind, "a stage of the Dockerfile has its name")


@pytest.mark.parametrize("name", ["acme/base:1", "acme/base", "a/b/c:1"])
def test_a_name_that_anyone_may_have_in_docker_hub(name: str) -> None:
    """It may be an image of this machine, which an earlier step has built."""
    text = f"FROM {name}\nCOPY --from=docker.io/{name}-x /a /\nCOPY --from=localhost/a/b /b /\n"
    assert outside_bases(text, "", {}) == (f"docker.io/{name}-x", "localhost/a/b")
    assert left_out_bases(text, "", {}) == {
        name: f"it names no registry: write docker.io/{name} if it is Docker Hub's"
    }
    assert left_out_bases(text, "", {}, (name,)) == {}, "a build context, such as an image that it needs"


@pytest.mark.parametrize(
    ("target", "args", "contexts", "found"),
    [
        ("", {}, (), ("node:22", "busybox")),
        ("BASE", {}, (), ("node:22",)),
        ("0", {}, (), ("node:22",)),
        ("nowhere", {}, (), ("node:22", "other", "busybox")),  # docker says so
        ("", {"NODE": "20"}, (), ("node:20", "busybox")),
        ("", {"NODE": f"22@{PINNED.partition('@')[2]}"}, (), ("busybox",)),
        ("", {"BUILDKIT_SYNTAX": "acme/frontend"}, (), ()),
        # A build context of that name stands in its place, however it is written.
        ("", {}, ("busybox",), ("node:22",)),
        ("", {}, ("docker.io/library/node:22", "docker.io/busybox:latest"), ()),
    ],
)
def test_what_the_build_is_given_counts(
    target: str, args: Mapping[str, str], contexts: tuple[str, ...], found: tuple[str, ...]
) -> None:
    text = "ARG NODE=22\nFROM node:$NODE AS base\nFROM other AS unused\nFROM base\nCOPY --from=busybox /a /\n"
    assert outside_bases(text, target, args, contexts) == found


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("node", "docker.io/library/node:latest"),
        ("node:22", "docker.io/library/node:22"),
        ("acme/node:22", "docker.io/acme/node:22"),
        ("index.docker.io/library/node", "docker.io/library/node:latest"),
        ("public.ecr.aws/docker/library/node:22", "public.ecr.aws/docker/library/node:22"),
        ("localhost:5000/os:1", "localhost:5000/os:1"),
        (PINNED, f"docker.io/library/{PINNED}"),
        ("scratch", None),
        ("$BASE", None),
        ("Not/A-Name", None),
    ],
)
def test_the_name_that_a_registry_knows(name: str, image: str | None) -> None:
    assert (str(found) if (found := image_of(name)) else None) == image
