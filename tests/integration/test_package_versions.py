"""The order of Debian versions beside dpkg's own."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecr_push.base.package_versions import debian
from tests.support.package_versions import DPKG_PAIRS, pairs

pytestmark = pytest.mark.skipif(not shutil.which("dpkg"), reason="needs dpkg")

# The characters that decide something in dpkg's order.
_VERSIONS = st.from_regex(r"\A([01]:)?[0-2][01a~.+-]{0,5}[01a~.+]?\Z").filter(lambda it: it[-1] != "-")


def agrees(one: str, relation: str, other: str) -> bool:
    compared = subprocess.run(["dpkg", "--compare-versions", one, relation, other])
    return compared.returncode == 0


@pytest.mark.parametrize(("one", "relation", "other"), pairs(DPKG_PAIRS))
def test_dpkg_agrees_with_the_table(one: str, relation: str, other: str) -> None:
    assert agrees(one, relation, other)


@settings(max_examples=150, deadline=None)
@given(_VERSIONS, _VERSIONS)
def test_versions_are_ordered_as_dpkg_orders_them(one: str, other: str) -> None:
    first, second = debian.key(one), debian.key(other)
    relation = "lt" if first < second else "eq" if first == second else "gt"
    assert agrees(one, relation, other)
