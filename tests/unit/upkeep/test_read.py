"""A file of repositories: what it gives, and every mistake with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import SettingsError
from ecr_push.upkeep.model import WantedRepositories
from ecr_push.upkeep.policies.words import words_of
from ecr_push.upkeep.read import read_repositories
from tests.support.policies import ACCOUNT, PLACE


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str) -> WantedRepositories:
    Path("r.yml").write_text(text)
    return read_repositories(Path("r.yml"), lambda: "eu-west-1", lambda: ACCOUNT)


def test_a_name_goes_over_patterns_and_all_over_the_defaults() -> None:
    found = read(
        "defaults: {scan-on-push: true, tags: {owner: platform}}\n"
        "repositories:\n"
        "  team/shop: {mutability: IMMUTABLE, except: [latest], tags: {owner: shop}}\n"
        "  team/*: {mutability: mutable, scan-on-push: false, tags: {cost: '7'}}\n"
        "  '*-cache':\n"
    )
    shop, cache, other = found.of("team/shop"), found.of("team/shop-cache"), found.of("other")
    assert shop and cache and other is None
    assert (shop.mutability, shop.exceptions, shop.scan_on_push) == ("IMMUTABLE", ("latest",), False)
    assert shop.tags == {"owner": "shop", "cost": "7"}
    assert (cache.mutability, cache.exceptions, cache.scan_on_push) == ("MUTABLE", None, False)
    assert (found.names, found.patterns) == (("team/shop",), ("team/*", "*-cache"))


DESCRIBE = {
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:DescribeImages"}]
}


def test_policies_are_files_or_sentences() -> None:
    Path("pull.json").write_text(json.dumps(DESCRIBE))
    found = read(
        "repositories:\n"
        "  a1: {lifecycle: [expire untagged after 1 day], policy: pull.json}\n"
        "  a2: {lifecycle: none, policy: none}\n"
    )
    one, two = found.of("a1"), found.of("a2")
    assert one and two and one.lifecycle and one.policy
    assert json.loads(one.lifecycle)["rules"][0]["selection"]["tagStatus"] == "untagged"
    assert json.loads(one.policy) == DESCRIBE
    assert (two.lifecycle, two.policy) == ("", "")


def test_a_policy_may_stand_in_the_file_as_json() -> None:
    rule = (
        '{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", '
        '"countUnit": "days", "countNumber": 1}, "action": {"type": "expire"}}'
    )
    found = read(
        "repositories:\n"
        "  a1:\n"
        f'    lifecycle: |\n      {{"rules": [{rule}]}}\n'
        f"    policy: |\n      {json.dumps(DESCRIBE)}\n"
    ).of("a1")
    assert found and json.loads(found.policy or "") == DESCRIBE
    assert json.loads(found.lifecycle or "")["rules"][0]["action"] == {"type": "expire"}


def test_who_may_pull_and_push_is_a_policy() -> None:
    found = read(
        "defaults: {pull: [org:o-a1b2c3d4e5]}\n"
        "repositories:\n"
        "  a1: {push: 'arn:aws:iam::111122223333:role/ci'}\n"
        "  a2: {pull: [lambda]}\n"
        "  a3: {pull: none}\n"
        "  a4: {policy: none}\n"
        "  a5: {pull: everyone, open-to-the-world: true}\n"
        "  a6: {scan-on-push: true}\n"
    )
    words = {
        name: words_of(one.policy, PLACE) if one.policy else one.policy
        for name in found.names
        if (one := found.of(name))
    }
    assert words == {
        "a1": ("pull: org:o-a1b2c3d4e5", "push: arn:aws:iam::111122223333:role/ci"),
        "a2": (f"pull: lambda:{ACCOUNT}",),
        "a3": "",
        "a4": "",
        "a5": ("pull: everyone",),
        "a6": ("pull: org:o-a1b2c3d4e5",),
    }
    assert found.doubts == ()


def test_what_is_doubtful_has_its_line() -> None:
    Path("pull.json").write_text(json.dumps(DESCRIBE).replace("ecr:DescribeImages", "ecr:BatchGetImage"))
    found = read(
        "repositories:\n"
        "  a1: {push: org:o-a1b2c3d4e5}\n"
        "  a2: {pull: [lambda:111122223333]}\n"
        "  a3: {pull: [lambda:111122223333, 111122223333]}\n"
        "  a4: {policy: pull.json}\n"
    )
    push, function, file = found.doubts
    assert push == "r.yml, line 2: push: org:o-a1b2c3d4e5: any role in it can overwrite the tags here"
    assert function.startswith(
        "r.yml, line 3: pull: lambda:111122223333: the role that makes a function there"
    )
    assert file.startswith(
        "r.yml, line 5: policy: pull.json: Statement[0] lets no one pull: a pull needs Get"
    )


EVERYONE = {"Statement": {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "ecr:*"}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "r.yml: names no repositories"),
        ("repositories: [a]", "r.yml, line 1: expected `name: value` lines"),
        ("a: [", "r.yml: is not valid YAML"),
        ("repositories: {Team: }", "line 1: 'Team' is not a valid repository name"),
        ("repositories: {'A*': }", "line 1: 'A*' is not a pattern of names"),
        ("repositry: {a1: }", "line 1: 'repositry' is not known; did you mean 'repositories'?"),
        ("repositories:\n  a1: {}\n  a1: {}", "line 3: 'a1' is there twice"),
        ("repositories: {a1: {mutabilty: x}}", "'mutabilty' is not known; did you mean 'mutability'?"),
        ("repositories: {a1: {mutability: yes}}", "mutability: 'yes' is not one of mutable, immutable"),
        ("repositories: {a1: {except: [latest]}}", "except: needs mutability"),
        ("repositories: {a1: {mutability: mutable, except: latest}}", "except: expected a list"),
        ("repositories: {a1: {mutability: mutable, except: ['a*b*c*']}}", "is not a pattern of tags"),
        (
            "repositories: {a1: {mutability: mutable, except: [a, b, c, d, e, f]}}",
            "has 6 patterns, ECR takes 5",
        ),
        ("repositories: {a1: {kms-key: alias/a}}", "kms-key: needs encryption: KMS or KMS_DSSE"),
        (
            "repositories: {a1: {encryption: KMS, kms-key: 'arn:aws:kms:us-east-1:1:key/a'}}",
            "kms-key: the key is in us-east-1, and the registry in eu-west-1",
        ),
        ("repositories: {a1: {lifecycle: [keep]}}", "lifecycle: line 1: 'keep' is not a rule"),
        ("repositories: {a1: {lifecycle: missing.json}}", "lifecycle: cannot read missing.json"),
        (
            "repositories: {a1: {policy: everyone.json}}",
            "opens the repository to every AWS account",
        ),
        (
            "repositories: {a1: {policy: resource.json}}",
            "policy: resource.json: Statement[0] has a Resource, which",
        ),
        ("repositories: {a1: {policy: long.json}}", "policy: long.json: the policy has 10,2"),
        ("repositories: {a1: {pull: 1111}}", "pull: '1111' is not a principal: an account has 12 digits"),
        (
            "repositories:\n  a1:\n    pull:\n    - lambda\n    - ecs",
            "line 5: pull: 'ecs' is not a principal",
        ),
        (
            "repositories: {a1: {push: codebuild}}",
            "push: 'codebuild': CodeBuild pushes with the service role",
        ),
        ("repositories: {a1: {push: everyone}}", "push: 'everyone': nothing but pulls from one repository"),
        (
            "repositories: {a1: {pull: everyone}}",
            "pull: 'everyone' opens the repository to every AWS account",
        ),
        ("repositories: {a1: {pull: everyone, open-to-the-world: no}}", "'no' is not one of true, false"),
        (
            "repositories: {a1: {pull: lambda, open-to-the-world: true}}",
            "open-to-the-world: nothing here is open to everyone: leave it out",
        ),
        (
            "repositories: {'a*': {pull: everyone, open-to-the-world: true}}",
            "open-to-the-world: belongs to one repository, by its whole name",
        ),
        (
            "defaults: {pull: everyone, open-to-the-world: true}\nrepositories: {a1: }",
            "open-to-the-world: belongs to one repository, by its whole name",
        ),
        (
            "repositories: {a1: {policy: everyone.json, open-to-the-world: true}}",
            "policy: everyone.json: Statement lets every AWS account BatchDeleteImage, ",
        ),
        (
            "repositories: {a1: {policy: none, pull: lambda, push: none}}",
            "pull and push would be another policy: leave one of them out",
        ),
        (
            f"repositories: {{a1: {{pull: [{', '.join(f'{number:012}' for number in range(400))}]}}}}",
            "pull and push: the policy has 13,",
        ),
        ("repositories: {a1: {tags: {'AWS:x': y}}}", "only AWS sets tags that begin with aws:"),
        ("repositories: {a1: {tags: {a: '1#2'}}}", "a tag and its value have letters"),
        (f"repositories: {{a1: {{tags: {{a: {'x' * 257}}}}}}}", "up to 128 characters, its value 256"),
        (f"repositories: {{a1: {{tags: {{{', '.join(f't{n}: x' for n in range(51))}}}}}}}", "ECR takes 50"),
        ("repositories: {a1: {tags: [a]}}", "line 1: expected `name: value` lines"),
    ],
)
def test_a_mistake(text: str, problem: str) -> None:
    Path("everyone.json").write_text(json.dumps(EVERYONE))
    Path("resource.json").write_text('{"Statement": [{"Effect": "Allow", "Resource": "*"}]}')
    Path("long.json").write_text(json.dumps({"Statement": [{"Sid": "x" * 10_230}]}))
    with pytest.raises(SettingsError) as refused:
        read(text)
    assert problem in refused.value.why, refused.value.why


def test_every_mistake_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read("repositories:\n  a1: {mutability: x, lifecycle: [y], policy: no.json}\n  B: {encryption: z}\n")
    assert len(set(refused.value.problems)) == len(refused.value.problems)
    assert [line.partition(":")[0] for line in refused.value.problems] == ["r.yml, line 2"] * 3 + [
        "r.yml, line 3"
    ] * 2


def test_one_mistake_of_an_entry_hides_no_other_one() -> None:
    entry = "{mutability: x, tags: [y], pull: [everyone, 12], policy: none}"
    with pytest.raises(SettingsError) as refused:
        read(
            "defaults: {pull: everyone, mutability: y}\n"
            f"repositories: {{a1: {entry}, a2: {{pull: everyone, tags: 1}}}}"
        )
    said = "\n".join(refused.value.problems)
    assert said.count("'everyone' opens the repository to every AWS account") == 2  # of defaults, and of a2
    assert "'12' is not a principal" in said and "mutability: 'x'" in said


def test_what_cannot_be_read_may_be_what_is_open() -> None:
    with pytest.raises(SettingsError) as refused:
        read("repositories: {a1: {pull: [everyone, 12], open-to-the-world: true}}")
    [problem] = refused.value.problems
    assert "'12' is not a principal" in problem


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    Path("r.yml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        read_repositories(Path("r.yml"), lambda: "eu-west-1")
    except SettingsError as refused:
        assert refused.problems


def test_every_mistake_of_one_value_at_once_and_in_order(tmp_path: Path) -> None:
    file = tmp_path / "r.yml"
    file.write_text(
        "repositories:\n"
        "  team/kms: {kms-key: alias/x}\n"
        "  team/tags: {mutability: mutable, except: ['a b', 'c d', e, f, g, h]}\n"
        "  team/old:\n"
        "    lifecycle:\n"
        "      - expire untagged after 1 day\n"
        "      - expire untagged after 2 days\n"
    )
    with pytest.raises(SettingsError) as refused:
        read_repositories(file, lambda: "eu-west-1")
    said = [one.partition(", line ")[2] for one in refused.value.problems]
    assert [one[0] for one in said] == ["2", "3", "3", "3", "6"]
    assert "'c d' is not a pattern" in said[2] and "has 6 patterns" in said[3]
    assert said[4].endswith("line 2: selects untagged images of storage class standard, and so does line 1")
