from __future__ import annotations

import itertools
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from ecr_push.base.package_versions import alpine, debian, generic, maven, pep440, rpm, semver
from tests.support.package_versions import DPKG_PAIRS, pairs

ORDERS = (debian, alpine, rpm, pep440, semver, maven, generic)

# Each entry ascends by its ecosystem's own rules.
ASCENDING = [
    (
        debian,
        """
        0~rc1 0 1.0~~ 1.0~~a 1.0~ 1.0 1.0-1~bpo12+1 1.0-1 1.0-1+deb12u1 1.0-1+deb12u2
        1.0-1+deb12u10 1.0a 1.0+dfsg-1 1.0-2-1 1.0.1 1.2.4-0.2+deb12u1 1.10 9.2p1-2+deb12u3 1:0.1
        1:9.2p1-2+deb12u2
        """,
    ),
    (debian, "1.0~rc1-1 1.0-1 1.0-1+deb12u1 1.0-1+deb12u2 1.0-2 1.0.1-1 1.10-1 1:0.9-1"),
    (debian, "3.0.9-1 3.0.11-1~deb12u2 3.0.11-1"),
    # apk version -t
    (
        alpine,
        """
        1.0_alpha 1.0_alpha1 1.0_beta 1.0_pre2 1.0_rc1 1.0 1.0-r0 1.0-r9 1.0-r10 1.0_git20240101
        1.0_p1 1.0_p1-r1 1.0a 1.0b 1.01 1.05 1.1 1.9 1.10 3.0.9z 3.0.10 3.1.4-r5 20240226
        """,
    ),
    (alpine, "1.2.3_rc1-r0 1.2.3-r0 1.2.3-r4 1.2.3-r10 1.2.4-r0"),
    # tests/rpmvercmp.at of rpm
    (rpm, "1.0~rc1~git123 1.0~rc1 1.0~rc2 1.0 1.0^ 1.0^git1 1.0^git2 1.01 2a 2.0 2.0.1 2.0.1a 4.999.9 5.0"),
    (rpm, "1.0~rc1 1.0~rc1^git1 1.0^git1~pre 1.0^git1 1.0^20160101 1.0^20160101^git1 1.0.1"),
    (rpm, "xyz10 2a 2_0 5.5p1 5.5p2 5.5p10 10xyz 10.1xyz"),
    (rpm, "1.1.1k-7.el8 1.1.1k-12.el8 1.1.1n-1.el8 1:0.9-1.el8"),
    (rpm, "3.0.8-1.amzn2023.0.9 3.0.8-1.amzn2023.0.11"),
    # https://peps.python.org/pep-0440/#summary-of-permitted-suffixes-and-relative-ordering
    (
        pep440,
        """
        1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2
        1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5
        1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1
        """,
    ),
    (pep440, "1.0.dev1 1.0a1 1.0rc1 1.0 1.0.post1 1.9 1.10 5.3.1 5.4b1 5.4 1!0.1"),
    (pep440, "2003.9 2004 2004d 2004.1"),
    # https://semver.org/spec/v2.0.0.html#spec-item-11
    (
        semver,
        """
        1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1
        1.0.0 1.0.1 2.0.0 2.1.0 2.1.1
        """,
    ),
    (semver, "1.0.0-1 1.0.0-2 1.0.0-10 1.0.0-RC 1.0.0-rc"),
    # https://go.dev/ref/mod#pseudo-versions
    (
        semver,
        """
        v0.0.0-20191109021931-daa7c04131f5 v0.1.0 v1.2.3-pre
        v1.2.3-pre.0.20191109021931-daa7c04131f5 v1.2.3 v1.2.4-0.20191109021931-daa7c04131f5 v1.2.4
        v2.0.0+incompatible
        """,
    ),
    # ComparableVersionTest of Maven
    (
        maven,
        """
        1-alpha2snapshot 1-alpha2 1-alpha-123 1-beta-2 1-beta123 1-m2 1-m11 1-rc 1-cr2 1-rc123
        1-SNAPSHOT 1 1-sp 1-sp2 1-sp123 1-abc 1-def 1-pom-1 1-1-snapshot 1-1 1-2 1-123
        """,
    ),
    (
        maven,
        """
        2.0 2.0.a 2-1 2.0.2 2.0.123 2.1.0 2.1-a 2.1b 2.1-c 2.1-1 2.1.0.1 2.2 2.123 11.a2 11.a11
        11.b2 11.b11 11.m2 11.m11 11 11.a 11b 11c 11m
        """,
    ),
    (maven, "1.0-alpha-1 1.0-SNAPSHOT 1.0 1.0.1 1.2 1.10"),
    (generic, "1.0.dev3 1.0a1 1.0-beta.2 1.0rc1 1.0 1.0.post1 1.0.1 1.2 1.10"),
]
EQUAL = [
    (debian, "1.0 1.00 0:1.0 1.0-0"),
    (debian, "1.01 1.1"),
    (rpm, "1.0 1_0 0:1.0 1.00"),
    (pep440, "1.0 1.0.0 v1.0"),
    (pep440, "1.0rc1 1.0RC1 1.0-rc.1 1.0c1"),
    (pep440, "2023.7.22 2023.07.22"),
    (semver, "1.0.0 v1.0.0 1.0 1.0.0+build.5"),
    (maven, "1 1.0 1.0.0 1-0 1-ga 1-final 1.0-RELEASE"),
    (maven, "1x 1-x 1.0-x 1.0.0x"),
    (maven, "1a1 1-alpha-1 1-ALPHA1 1.0-a1"),
    (maven, "1cr 1rc"),
    (generic, "1.0 v1.0.0 V1.0"),
]


def name(value: object) -> str:
    return value.__name__.rpartition(".")[2] if isinstance(value, ModuleType) else str(value)[:20]


@pytest.mark.parametrize(("order", "versions"), ASCENDING, ids=name)
def test_every_version_is_older_than_all_that_follow(order: Any, versions: str) -> None:
    for older, newer in itertools.combinations(versions.split(), 2):
        first, second = order.key(older), order.key(newer)
        assert first < second, f"{older} < {newer}"
        assert not second < first, f"{newer} < {older}"


@pytest.mark.parametrize(("order", "versions"), EQUAL, ids=name)
def test_spellings_of_one_version_are_equal(order: Any, versions: str) -> None:
    for one, other in itertools.combinations(versions.split(), 2):
        assert order.key(one) == order.key(other), f"{one} = {other}"
        assert not order.key(one) < order.key(other)


@pytest.mark.parametrize(("one", "relation", "other"), pairs(DPKG_PAIRS))
def test_debian_versions_compare_as_dpkg_documents(one: str, relation: str, other: str) -> None:
    first, second = debian.key(one), debian.key(other)
    assert relation == ("lt" if first < second else "eq" if first == second else "gt")


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (debian, ""),
        (debian, "1.0 beta"),
        (debian, "one:1.0"),
        (alpine, "v1.0"),
        (alpine, "1.0-1"),
        (alpine, "1.0_gamma"),
        (pep440, "2004d"),
    ],
    ids=name,
)
def test_an_invalid_version_is_refused(order: Any, text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        order.check(text)


@pytest.mark.parametrize(
    ("order", "text"), [(debian, "1:1.0-1"), (alpine, "1.0_rc1-r0"), (pep440, "1!1.0.post1")]
)
def test_a_valid_version_passes_the_check(order: Any, text: str) -> None:
    order.check(text)


texts = st.text("0123456789abvz.-+~:_^", max_size=12) | st.from_regex(r"\A[0-2]([.-]?(0|1|a|rc|sp)){0,4}\Z")


@pytest.mark.parametrize("order", ORDERS, ids=name)
@given(texts, texts, texts)
def test_any_texts_have_one_order(order: Any, one: str, two: str, three: str) -> None:
    keys = sorted(order.key(text) for text in (one, two, three))
    assert keys[0] <= keys[1] <= keys[2]
    assert keys[0] <= keys[2]


@pytest.mark.parametrize("order", ORDERS, ids=name)
def test_a_number_of_any_length_has_a_key(order: Any) -> None:
    assert order.key("9" * 10_000) == order.key("9" * 10_000)


@pytest.mark.parametrize("order", [order for order in ORDERS if order is not pep440], ids=name)
def test_numbers_of_any_length_are_compared(order: Any) -> None:
    assert order.key("9" * 10_000) < order.key("1" + "0" * 10_000)


numbers = st.integers(0, 30)
python_versions = st.builds(
    lambda release, *suffixes: ".".join(map(str, release)) + "".join(suffixes),
    st.lists(numbers, min_size=1, max_size=3),
    st.just("") | st.builds("{}{}".format, st.sampled_from(["a", "b", "rc"]), numbers),
    st.just("") | st.builds(".post{}".format, numbers),
    st.just("") | st.builds(".dev{}".format, numbers),
)


@given(python_versions, python_versions)
def test_python_versions_are_ordered_as_by_packaging(one: str, other: str) -> None:
    first, second = pep440.key(one), pep440.key(other)
    assert (first < second) is (Version(one) < Version(other))
    assert (first == second) is (Version(one) == Version(other))
