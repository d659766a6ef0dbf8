"""A repository as it is, as the file says it: nothing differs from what it was made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
from ecr_push.upkeep.policies.check import SECOND_WORD
from ecr_push.upkeep.policies.model import Grant
from ecr_push.upkeep.policies.render import repository_policy
from ecr_push.upkeep.read import read_repositories
from tests.support.policies import PRINCIPALS, PULLERS, principal

ARN = "arn:aws:ecr:eu-west-1:123456789012:repository/team/app"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
SENTENCES = ["keep latest", "keep last 20 of *.*.*", "archive any not pulled for 90 days"]
PULL = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"]}]})
DESCRIBE = PULL.replace("BatchGetImage", "DescribeImages").replace('"*"', '{"AWS": "111122223333"}')
GRANTS = st.builds(lambda who: Grant("pull", principal(who)), PULLERS) | st.builds(
    lambda who: Grant("push", principal(who)), PRINCIPALS
)
RULE = {"rulePriority": 7, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan"}}
NUMBERED = json.dumps(
    {"rules": [RULE | {"selection": RULE["selection"] | {"countNumber": 1}, "action": {"type": "expire"}}]}  # type: ignore[operator]
)

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
TAG_CHARACTERS = "aZ0é _.:/=+-@"


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
        st.sampled_from(["", PULL, DESCRIBE])
        | st.lists(GRANTS, min_size=1, max_size=5).map(repository_policy),
        st.dictionaries(st.sampled_from(["team", "cost centre", "7"]), st.text(TAG_CHARACTERS)),
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


def test_who_may_where_that_says_it_all() -> None:
    def entry(text: str) -> Mapping[str, Any]:
        return entry_of(
            as_wanted(RepositorySettings("a", ARN, "MUTABLE", (), True, "AES256", "", policy=text))
        )

    grants = [Grant("pull", principal(who)) for who in ("111122223333", "lambda", "everyone")]
    found = entry(repository_policy(grants))
    assert found["pull"] == ["111122223333", "lambda:123456789012", "everyone"]
    assert (found[SECOND_WORD], "push" in found, "policy" in found) == (True, False, False)
    assert json.loads(entry(DESCRIBE)["policy"]) == json.loads(DESCRIBE)
    assert entry("{}")["policy"] == "{}"


def test_sentences_only_where_they_say_it_all() -> None:
    assert lifecycle_entry(policy(*SENTENCES)) == SENTENCES
    assert json.loads(str(lifecycle_entry(NUMBERED))) == json.loads(NUMBERED)
    assert lifecycle_entry("{}") == "{}"
