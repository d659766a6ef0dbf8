"""Which cache a run reads and writes, by whose code it builds; and what BuildKit is handed for it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.reference import Registry, Tag, check_repository_name
from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.cache import BuildCache, cache_name, default_repository, plan_cache
from ecr_push.builder.cache_options import CacheOptions
from tests.support import sources
from tests.support.fakes import HOST

ECR = CacheOptions(cache="ecr")
SOURCE = sources.source(branch="feature/a", default_branch="main")
FEATURE = cache_name("feature/a")
PULL_REQUEST = sources.source(branch="", default_branch="main", pull_request="12")
OF_PULL_REQUEST = cache_name("", "pull request 12\0", "pr-12")
HEAD = {"head_branch": "fix", "target_branch": "next"}


@pytest.mark.parametrize(
    ("source", "given", "reads", "writes"),
    [
        (SOURCE, {}, (FEATURE, "cache-main"), FEATURE),
        (sources.changed(SOURCE, branch="main"), {}, ("cache-main",), "cache-main"),
        (sources.changed(SOURCE, branch=""), {}, ("cache-main",), ""),
        (sources.changed(SOURCE, default_branch=""), {}, (FEATURE,), FEATURE),
        (sources.changed(SOURCE, branch="", default_branch=""), {}, (), ""),
        (sources.changed(SOURCE, dirty=("a",)), {}, (FEATURE, "cache-main"), ""),
        (SOURCE, {"queued": True}, ("cache-main",), ""),
        (SOURCE, {"tagged": True}, (FEATURE, "cache-main"), ""),
        (SOURCE, {"read": False}, (), FEATURE),
        (SOURCE, {"outside": True}, ("cache-main",), ""),
        (sources.changed(SOURCE, default_branch=""), {"outside": True}, (), ""),
        (PULL_REQUEST, HEAD, (OF_PULL_REQUEST, "cache-fix", "cache-next", "cache-main"), OF_PULL_REQUEST),
        (PULL_REQUEST, {**HEAD, "outside": True}, ("cache-main",), ""),
    ],
)  # fmt: skip
def test_whose_code_reads_and_writes_which_cache(
    source: Any, given: dict[str, Any], reads: tuple[str, ...], writes: str
) -> None:
    found = plan_cache(ECR, "team/app", source, **given)
    assert (found.repository, found.reads, found.writes) == ("team/app-cache", reads, writes)


def test_no_branch_reads_what_a_pull_request_writes() -> None:
    written = plan_cache(ECR, "team/app", PULL_REQUEST, **HEAD).writes
    for name in ("pr-12", "", written.removeprefix("cache_"), written):
        assert cache_name(name) != written


@pytest.mark.parametrize(
    ("branch", "variant", "name"),
    [
        ("main", "", "cache-main"),
        ("feature-a", "", "cache-feature-a"),
        ("1.4", "", "cache-1.4"),
        ("feature/a", "", "cache_feature-a-0e65f300581ef988"),
        ("main", "linux/arm64", "cache_main-"),
        ("ümläut", "", "cache_-ml-ut-"),
        ("x" * 200, "", "cache_xxxx"),
    ],
)
def test_names_of_caches(branch: str, variant: str, name: str) -> None:
    found = cache_name(branch, variant)
    assert Tag(found) and (found == name or (name.startswith("cache_") and found.startswith(name)))


@given(
    st.sets(st.text("ab-/._é", max_size=12) | st.text(max_size=200), max_size=4), st.sampled_from(["", "x"])
)
def test_no_two_branches_share_a_cache(branches: set[str], variant: str) -> None:
    names = {cache_name(one, variant) for one in branches}
    assert len(names) == len(branches) and all(map(Tag, names))


@pytest.mark.parametrize(
    ("name", "cache"),
    [
        ("team/app", "team/app-cache"),
        ("a" * 256, "a" * 250 + "-cache"),
        ("a" * 249 + "-bcdef", "a" * 249 + "-cache"),
    ],
)  # fmt: skip
def test_the_repository_of_caches(name: str, cache: str) -> None:
    assert default_repository(name) == check_repository_name(cache)


def test_images_that_share_a_repository_of_caches_share_no_cache() -> None:
    named = CacheOptions(cache="ecr", cache_repository="team/caches")
    main = sources.changed(SOURCE, branch="main")
    found = [plan_cache(named, name, main) for name in ("team/app", "team/other", "team/caches2")]
    assert {one.repository for one in found} == {"team/caches"}
    assert len({one.writes for one in found}) == 3
    assert all(one.writes.startswith("cache_main-") and one.reads == (one.writes,) for one in found)
    same = CacheOptions(cache="ecr", cache_repository="team/app-cache")
    assert plan_cache(same, "team/app", main) == plan_cache(ECR, "team/app", main)


def test_buildkit_is_handed_a_cache_that_ecr_takes_and_that_fails_no_build() -> None:
    cache = BuildCache("ecr", "team/app-cache", ("cache-a", "cache-main"), "cache-a")
    own = BuildKitInputs(cache_from=("type=local,src=x",))
    found = cache.added_to(own, Registry.parse(HOST))
    where = f"type=registry,ref={HOST}/team/app-cache:"
    assert found.cache_from == ("type=local,src=x", f"{where}cache-a", f"{where}cache-main")
    assert found.cache_to == (
        f"{where}cache-a,image-manifest=true,oci-mediatypes=true,mode=max,ignore-error=true",
    )
    assert cache.added_to(own, None) == own


def test_the_workflows_cache_needs_no_registry() -> None:
    cache = plan_cache(CacheOptions(cache="gha"), "team/app", SOURCE)
    found = cache.added_to(BuildKitInputs(), None)
    assert found.needs_github
    where = "type=gha,scope=team/app/"  # a workflow may build several images
    assert found.cache_from == (f"{where}{FEATURE}", f"{where}cache-main")
    assert found.cache_to == (f"{where}{FEATURE},mode=max,ignore-error=true",)
    assert str(cache).startswith("of the workflow, team/app: reads cache_feature-a-")


def test_without_one_nothing_is_added() -> None:
    off = plan_cache(CacheOptions(), "team/app", SOURCE)
    assert off == BuildCache() and not off.is_used
    assert off.added_to(BuildKitInputs(), Registry.parse(HOST)) == BuildKitInputs()
