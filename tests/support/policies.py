"""Principals, grants and policies for tests: as a file spells them, and drawn."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from ecr_push.base.place import Place
from ecr_push.base.yaml_tree import Node, read_yaml
from ecr_push.upkeep.policies.model import REPOSITORY_VERBS, Grant, Who
from ecr_push.upkeep.policies.principals import parse_principal
from ecr_push.upkeep.policies.read import read_grants

ACCOUNT = "123456789012"
PLACE = Place("eu-west-1", ACCOUNT)


def principal(text: str) -> Who:
    return parse_principal(text, lambda: PLACE)


def grants(verb: str, text: str, verbs: Sequence[str] = REPOSITORY_VERBS) -> tuple[Grant, ...]:
    """What a value of the file says, in YAML."""
    node = read_yaml(text)
    assert isinstance(node, Node)
    return read_grants(node, verb, lambda: PLACE, verbs)


_ACCOUNTS = st.from_regex(r"[0-9]{12}", fullmatch=True)
_NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
_ORGANISATIONS = st.from_regex(r"o-[a-z0-9]{10}", fullmatch=True)
_UNITS = st.from_regex(r"o-[a-z0-9]{10}/r-[a-z0-9]{4}(/ou-[a-z0-9]{4}-[a-z0-9]{8}){0,2}", fullmatch=True)
PRINCIPALS = st.one_of(
    _ACCOUNTS,
    st.builds("org:{}".format, _ORGANISATIONS),
    st.builds("org:{}".format, _UNITS),
    st.builds("arn:aws:iam::{}:role/{}".format, _ACCOUNTS, _NAMES),
    st.builds("arn:aws:iam::{}:role/{}*".format, _ACCOUNTS, _NAMES),
    st.builds("arn:aws:iam::{}:user/team/{}".format, _ACCOUNTS, _NAMES),
)
PULLERS = st.one_of(
    PRINCIPALS,
    st.just("everyone"),
    st.just("lambda"),
    st.just("codebuild"),
    st.builds("lambda:{}".format, _ACCOUNTS),
    st.builds("lambda:{}/{}".format, _ACCOUNTS, _NAMES),
    st.builds("codebuild:{}/{}".format, _ACCOUNTS, _NAMES),
)
