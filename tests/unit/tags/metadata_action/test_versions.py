"""Versions as node-semver and @renovate/pep440 read them."""

from __future__ import annotations

import pytest

from ecr_push.tags.metadata_action.versions import is_prerelease, read_pep440, read_semver

# text, (version, is it a pre-release, its numbers)
SEMVER = [
    ("1.2.3", ("1.2.3", False, (1, 2, 3))),
    ("v1.2.3", ("1.2.3", False, (1, 2, 3))),
    (" v1.2.3 ", ("1.2.3", False, (1, 2, 3))),
    ("\t1.2.3\n", ("1.2.3", False, (1, 2, 3))),
    ("\ufeff1.2.3", ("1.2.3", False, (1, 2, 3))),
    ("=1.2.3", None),
    ("V1.2.3", None),
    ("vv1.2.3", None),
    ("v 1.2.3", None),
    ("1.2", None),
    ("1.2.3.4", None),
    ("01.2.3", None),
    ("1.02.3", None),
    ("1.2.3-rc.1", ("1.2.3-rc.1", True, (1, 2, 3))),
    ("1.2.3-rc.01", None),
    ("1.2.3-0", ("1.2.3-0", True, (1, 2, 3))),
    ("1.2.3-0a", ("1.2.3-0a", True, (1, 2, 3))),
    ("1.2.3--", ("1.2.3--", True, (1, 2, 3))),
    ("1.2.3-x-y.z", ("1.2.3-x-y.z", True, (1, 2, 3))),
    ("1.2.3+5", ("1.2.3", False, (1, 2, 3))),
    ("1.2.3-rc.1+b.007", ("1.2.3-rc.1", True, (1, 2, 3))),
    ("1.2.3+", None),
    ("1.2.3-", None),
    ("1.2.3-rc..1", None),
    ("1.2.3rc1", None),
    ("9007199254740991.0.0", ("9007199254740991.0.0", False, (9007199254740991, 0, 0))),
    ("9007199254740992.0.0", None),
    ("0.0.0", ("0.0.0", False, (0, 0, 0))),
    ("1.2.3-9007199254740993", ("1.2.3-9007199254740993", True, (1, 2, 3))),
    ("1.2.3+" + "x" * 250, ("1.2.3", False, (1, 2, 3))),
    ("1.2.3+" + "x" * 251, None),
    (" " * 260 + "1.2.3", None),
    ("", None),
    ("1.2.x", None),
    ("١.2.3", None),
    ("1.2.3 -rc", None),
    ("1.2.3+a_b", None),
]

# text, (version as rendered, is it a pre-release, does it stay whole, its numbers)
PEP440 = [
    ("1", ("1", False, False, (1,))),
    ("1.2", ("1.2", False, False, (1, 2))),
    ("v1.2.3", ("1.2.3", False, False, (1, 2, 3))),
    ("V1.2", ("1.2", False, False, (1, 2))),
    ("1.2.3.4", ("1.2.3.4", False, False, (1, 2, 3, 4))),
    ("01.02", ("1.2", False, False, (1, 2))),
    ("1!2.3", ("1!2.3", False, False, (2, 3))),
    ("0!1", ("1", False, False, (1,))),
    ("1.0a", ("1.0a0", True, True, (1, 0))),
    ("1.0alpha1", ("1.0a1", True, True, (1, 0))),
    ("1.0-beta.2", ("1.0b2", True, True, (1, 0))),
    ("1.0_c3", ("1.0rc3", True, True, (1, 0))),
    ("1.0pre", ("1.0rc0", True, True, (1, 0))),
    ("1.0.preview4", ("1.0rc4", True, True, (1, 0))),
    ("1.0RC1", ("1.0rc1", True, True, (1, 0))),
    ("1.0.post", ("1.0.post0", False, True, (1, 0))),
    ("1.0post2", ("1.0.post2", False, True, (1, 0))),
    ("1.0-1", ("1.0.post1", False, True, (1, 0))),
    ("1.0rev3", ("1.0.post3", False, True, (1, 0))),
    ("1.0.r4", ("1.0.post4", False, True, (1, 0))),
    ("1.0dev", ("1.0.dev0", True, True, (1, 0))),
    ("1.0.dev5", ("1.0.dev5", True, True, (1, 0))),
    ("1.0a1.post2.dev3", ("1.0a1.post2.dev3", True, True, (1, 0))),
    ("1.0+local", ("1.0+local", False, False, (1, 0))),
    ("1.0+Ubuntu.1", ("1.0+ubuntu,1", False, False, (1, 0))),
    ("1.0+ab-c_d", ("1.0+ab,c,d", False, False, (1, 0))),
    ("1.0+001", ("1.0+1", False, False, (1, 0))),
    ("1.0+", None),
    ("1.0a+b.1", ("1.0a0+b,1", True, True, (1, 0))),
    (" 1.0", None),
    ("1.0 ", None),
    ("1..0", None),
    ("1.0x", None),
    ("", None),
    ("v", None),
    ("vv1", None),
    ("1.0-rc-1", ("1.0rc1", True, True, (1, 0))),
    ("2020.01.10", ("2020.1.10", False, False, (2020, 1, 10))),
    ("20200110-RC2", ("20200110rc2", True, True, (20200110,))),
    ("1.0poſt", None),
    ("1_0", None),
    ("1.0.dev", ("1.0.dev0", True, True, (1, 0))),
    ("1.0-", None),
    ("release1", None),
    ("1.2.3-beta", ("1.2.3b0", True, True, (1, 2, 3))),
    ("1.2.3-beta.67", ("1.2.3b67", True, True, (1, 2, 3))),
    ("2.0.8-beta.67", ("2.0.8b67", True, True, (2, 0, 8))),
]


@pytest.mark.parametrize(("text", "expected"), SEMVER)
def test_semver(text: str, expected: tuple[str, bool, tuple[int, ...]] | None) -> None:
    version = read_semver(text)
    assert (version and (version.version, version.is_prerelease, version.release)) == expected
    assert version is None or version.raw == text


@pytest.mark.parametrize(("text", "expected"), PEP440)
def test_pep440(text: str, expected: tuple[str, bool, bool, tuple[int, ...]] | None) -> None:
    version = read_pep440(text)
    found = version and (version.rendered, version.is_prerelease, version.is_whole_only, version.release)
    assert found == expected


def test_a_local_version_is_rendered_with_commas_and_kept_with_dots() -> None:
    version = read_pep440("1.0+Ubuntu.1")
    assert version and (version.rendered, version.version) == ("1.0+ubuntu,1", "1.0+ubuntu.1")


def test_numbers_that_javascript_rounds_stay_exact() -> None:
    version = read_pep440("20200110123456789012.1")
    assert version and version.version == "20200110123456789012.1"
    assert read_pep440("1" * 5000) is None


PRERELEASES = ["v1.5.0-rc.1", "1.5.0-0", "1.0a1", "v1.0rc1", "1.0.dev3", "20200110-RC2", "v2.0.8-beta.67"]
OTHERS = ["v1.5.0", "1.0.post1", "1.2", "release1", "2020-01-10", "v1.5.0+rc.1", "", "tools/v1.0.0-rc.1"]


@pytest.mark.parametrize("tag", PRERELEASES)
def test_a_prerelease_by_either_standard(tag: str) -> None:
    assert is_prerelease(tag)


@pytest.mark.parametrize("tag", OTHERS)
def test_no_prerelease(tag: str) -> None:
    assert not is_prerelease(tag)
