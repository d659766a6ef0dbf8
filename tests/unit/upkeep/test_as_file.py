"""A repository as it is, as the file says it: nothing differs from what it was made of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecr_push.base.yaml_text import write_yaml
from ecr_push.registry.repositories import RepositorySettings
from ecr_push.upkeep.as_file import as_wanted, entry_of, file_of, lifecycle_entry
from ecr_push.upkeep.compare import compare
from ecr_push.upkeep.lifecycle.sentences import as_json
from ecr_push.upkeep.lifecycle.text import read_policy_text
from ecr_push.upkeep.model import Wanted
from ecr_push.upkeep.read import read_repositories

ARN = "arn:aws:ecr:eu-west-1:123456789012:repository/team/app"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
SENTENCES = ["keep latest", "keep last 20 of *.*.*", "archive any not pulled for 90 days"]
PULL = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"]}]})
RULE = {"rulePriority": 7, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan"}}
NUMBERED = json.dumps(
    {"rules": [RULE | {"selection": RULE["selection"] | {"countNumber": 1}, "action": {"type": "expire"}}]}  # type: ignore[operator]
)


def policy(*sentences: str) -> str:
    return as_json(read_policy_text("\n".join(sentences)))


@settings(deadline=None)
@given(
    st.builds(
        RepositorySettings,
        st.just("team/app"),
        st.just(ARN),
        st.sampled_from(["MUTABLE", "IMMUTABLE"]),
        st.lists(st.sampled_from(["latest", "1", "1.*", "yes", "*-x"]), unique=True).map(tuple),
        st.booleans(),
        st.sampled_from(["AES256"]),
        st.just(""),
        st.sampled_from(["", policy(*SENTENCES), NUMBERED]),
        st.sampled_from(["", PULL]),
        st.dictionaries(st.sampled_from(["team", "cost centre", "7"]), st.text(st.characters(codec="ascii"))),
    )
)
def test_the_file_asks_for_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, found: RepositorySettings
) -> None:
    tags = {key: value.strip() for key, value in found.tags.items() if value.strip()}
    file = tmp_path_factory.getbasetemp() / "r.yml"
    found = RepositorySettings(**{**vars(found), "tags": tags})
    file.write_text(write_yaml(file_of({found.name: as_wanted(found)})))
    wanted = read_repositories(Path(file), lambda: "eu-west-1", lambda: "123456789012").of(found.name)
    assert wanted is not None
    assert compare(found, wanted) == ()
    assert wanted == as_wanted(found) or wanted.lifecycle or wanted.policy


def test_keys_of_aws_and_what_is_not_there_are_left_out() -> None:
    found = RepositorySettings(
        "a", "arn", "IMMUTABLE", (), True, "KMS", KEY, tags={"aws:stack": "x", "b": "c"}
    )
    assert entry_of(as_wanted(found)) == {
        "mutability": "immutable",
        "scan-on-push": True,
        "encryption": "KMS",
        "kms-key": KEY,
        "tags": {"b": "c"},
    }
    assert entry_of(Wanted(lifecycle="", policy="")) == {"lifecycle": "none", "policy": "none"}


def test_sentences_only_where_they_say_it_all() -> None:
    assert lifecycle_entry(policy(*SENTENCES)) == SENTENCES
    assert json.loads(str(lifecycle_entry(NUMBERED))) == json.loads(NUMBERED)
    assert lifecycle_entry("{}") == "{}"
