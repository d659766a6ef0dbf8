"""A file of a registry's settings: what it asks for, each mistake with its line, and what `show` writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import RegistryError, SettingsError
from ecr_push.base.place import Place
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.registry_settings import (
    CacheRule,
    CreationTemplate,
    RegistryScanning,
    ReplicationRule,
    SigningRule,
)
from ecr_push.upkeep.registry.apply import apply_registry
from ecr_push.upkeep.registry.model import RegistryPlan
from ecr_push.upkeep.registry.plan import plan_registry
from ecr_push.upkeep.registry.read import read_registry_file
from ecr_push.upkeep.registry.sections import SECTIONS
from ecr_push.upkeep.registry.show import applied_text, file_of, text_of_plan

HERE = Place("eu-west-1", "123456789012")
IAM = "arn:aws:iam::123456789012"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
PROFILE = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release"
ELSEWHERE = SECRET.replace("eu-west-1", "us-east-1")
ONE_DAY = "expire untagged after 1 day"
K8S = CacheRule("registry.k8s.io", "k8s")
POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": "210987654321"},
        "Action": "ecr:ReplicateImage",
        "Resource": "*",
    },
}


class FakeRegistry:
    """A registry in memory. broken: what cannot be changed."""

    def __init__(self, **kept: Any) -> None:
        self.kept: dict[str, Any] = {
            "scanning": RegistryScanning(),
            "replication": (),
            "templates": {},
            "caches": {},
            "signing": (),
            "exclusions": (),
            "account": {
                "BASIC_SCAN_TYPE_VERSION": "AWS_NATIVE",
                "REGISTRY_POLICY_SCOPE": "V2",
                "BLOB_MOUNTING": "DISABLED",
            },
            "policy": "",
            **kept,
        }
        self.broken: set[str] = set()
        self.writes: list[str] = []
        # What is there when it is created: made of what is to be.
        self.made_before: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}

    def __getattr__(self, name: str) -> Any:
        if name in self.kept:
            return lambda: self.kept[name]
        raise AttributeError(name)

    region = HERE.region

    def account(self) -> str:
        return HERE.account

    def account_setting(self, name: str) -> str:
        return str(self.kept["account"][name])

    def _write(self, what: str, **kept: Any) -> None:
        if what in self.made_before:
            self.kept |= self.made_before.pop(what)(kept)
            raise AwsRefusedError("TemplateAlreadyExistsException", "it is there", "ecr:Create", 400)
        if what in self.broken:
            raise RegistryError(f"AWS refused {what}", why="because")
        self.writes.append(what)
        self.kept |= kept

    def put_scanning(self, value: Any) -> None:
        self._write("scanning", scanning=value)

    def put_replication(self, value: Any) -> None:
        self._write("replication", replication=tuple(value))

    def put_signing(self, value: Any) -> None:
        self._write("signing", signing=tuple(value))

    def put_policy(self, value: str) -> None:
        self._write("policy", policy=value)

    def put_account_setting(self, name: str, value: str) -> None:
        self._write(name, account={**self.kept["account"], name: value})

    def put_template(self, prefix: str, value: Any, before: Any) -> None:
        assert before == self.kept["templates"].get(prefix)
        self._write(f"template {prefix}", templates={**self.kept["templates"], prefix: value})

    def remove_template(self, prefix: str) -> None:
        left = {name: one for name, one in self.kept["templates"].items() if name != prefix}
        self._write(f"no template {prefix}", templates=left)

    def create_cache(self, prefix: str, value: Any) -> None:
        assert prefix not in self.kept["caches"]
        self._write(f"cache {prefix}", caches={**self.kept["caches"], prefix: value})

    def update_cache(self, prefix: str, value: Any) -> None:
        self._write(f"change cache {prefix}", caches={**self.kept["caches"], prefix: value})

    def remove_cache(self, prefix: str) -> None:
        left = {name: one for name, one in self.kept["caches"].items() if name != prefix}
        self._write(f"no cache {prefix}", caches=left)

    def add_exclusion(self, arn: str) -> None:
        self._write(f"exclude {arn}", exclusions=(*self.kept["exclusions"], arn))

    def remove_exclusion(self, arn: str) -> None:
        left = tuple(one for one in self.kept["exclusions"] if one != arn)
        self._write(f"include {arn}", exclusions=left)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def plan(text: str, registry: FakeRegistry, place: Place = HERE) -> RegistryPlan:
    path = Path("r.yml")
    path.write_text(text)
    return plan_registry(path, read_registry_file(path, place), place, registry)  # type: ignore[arg-type]


def apply(text: str, registry: FakeRegistry) -> str:
    found = plan(text, registry)
    applied = apply_registry(found, registry, lambda line: None)  # type: ignore[arg-type]
    return applied_text(found, applied)


def shown(registry: FakeRegistry) -> str:
    return file_of(HERE, {one.key: one.read(registry) for one in SECTIONS})  # type: ignore[arg-type]


def everything() -> str:
    Path("policy.json").write_text(json.dumps(POLICY))
    return f"""\
registry: 123456789012/eu-west-1
scanning: {{type: enhanced, on-push: ["*"], continuous: [prod/*]}}
replication:
  - {{to: [us-east-1, eu-central-1/210987654321], repositories: [prod/, base/], delete: true}}
  - {{to: [us-west-2]}}
templates:
  prod:
    applied-for: [create-on-push, replication]
    description: what is released
    mutability: immutable
    except: [latest]
    encryption: KMS
    kms-key: {KEY}
    lifecycle: [{ONE_DAY}]
    tags: {{team: shop}}
    role: {IAM}:role/template
  ROOT: {{applied-for: [pull-through-cache]}}
pull-through:
  hub: {{upstream: docker.io, credential: "{SECRET}", upstream-prefix: library}}
  quay: {{upstream: quay}}
  mine: {{upstream: 210987654321.dkr.ecr.us-east-1.amazonaws.com, role: "{IAM}:role/pull"}}
signing: [{{profile: "{PROFILE}", repositories: [prod/*]}}]
pull-time-exclusions: ["{IAM}:role/scanner", "{IAM}:user/ci/test"]
settings: {{blob-mounting: true}}
policy: policy.json
"""


def test_everything_is_made_once_and_shown_again() -> None:
    registry = FakeRegistry()
    assert apply(everything(), registry) == "10 created, 2 changed, 0 removed"
    assert plan(everything(), registry).changes == ()
    assert registry.kept["scanning"] == RegistryScanning(
        "ENHANCED", {"SCAN_ON_PUSH": ("*",), "CONTINUOUS_SCAN": ("prod/*",)}
    )
    first, second = registry.kept["replication"]
    places = (Place("eu-central-1", "210987654321"), Place("us-east-1", "123456789012"))
    assert first == ReplicationRule(places, ("base/", "prod/"), deletes=True)
    assert second == ReplicationRule((Place("us-west-2", "123456789012"),))
    prod = registry.kept["templates"]["prod"]
    assert (prod.applied_for, prod.mutability, prod.exceptions, prod.kms_key, prod.tags) == (
        ("CREATE_ON_PUSH", "REPLICATION"), "IMMUTABLE", ("latest",), KEY, {"team": "shop"},
    )  # fmt: skip
    assert registry.kept["caches"]["hub"] == CacheRule(
        "registry-1.docker.io", "docker-hub", SECRET, "", "library"
    )
    assert registry.kept["caches"]["mine"].kind == "ecr"
    assert registry.kept["signing"] == (SigningRule(PROFILE, ("prod/*",)),)
    assert registry.kept["account"]["BLOB_MOUNTING"] == "ENABLED"
    assert json.loads(registry.kept["policy"]) == POLICY
    again = plan(shown(registry), registry)
    assert (again.changes, text_of_plan(again)) == ((), "0 to create, 0 to change, 0 to remove")


def test_what_the_file_does_not_name_stays() -> None:
    registry = FakeRegistry()
    apply(everything(), registry)
    before = {**registry.kept}
    assert apply("templates: {prod: {tags: {cost: '7'}}}", registry) == "0 created, 1 changed, 0 removed"
    prod = registry.kept["templates"]["prod"]
    assert prod.tags == {"team": "shop", "cost": "7"}
    assert (prod.mutability, prod.lifecycle) == ("IMMUTABLE", before["templates"]["prod"].lifecycle)
    assert {**registry.kept, "templates": 0} == {**before, "templates": 0}
    assert registry.kept["templates"]["ROOT"] == before["templates"]["ROOT"]


def test_none_removes_and_a_list_is_whole() -> None:
    registry = FakeRegistry()
    apply(everything(), registry)
    text = (
        "scanning: none\nreplication: none\nsigning: none\npolicy: none\n"
        f"templates: {{ROOT: none, prod: {{lifecycle: none, description: none}}}}\n"
        f"pull-through: none\npull-time-exclusions: ['{IAM}:role/scanner']\n"
    )
    assert apply(text, registry) == "0 created, 2 changed, 8 removed"
    kept = registry.kept
    assert (kept["scanning"], kept["replication"], kept["signing"]) == (RegistryScanning(), (), ())
    assert (kept["policy"], kept["caches"], kept["exclusions"]) == ("", {}, (f"{IAM}:role/scanner",))
    assert kept["templates"].keys() == {"prod"}
    assert (kept["templates"]["prod"].lifecycle, kept["templates"]["prod"].description) == ("", "")
    assert plan(text, registry).changes == ()


def test_one_failure_hides_no_other_and_the_next_time_only_what_is_left_is_done() -> None:
    registry = FakeRegistry()
    registry.broken = {"template prod", "replication"}
    said = apply(everything(), registry)
    assert said == "8 created, 2 changed, 0 removed\nnot done: templates: prod\nnot done: replication"
    registry.broken, registry.writes = set(), []
    apply(everything(), registry)
    assert registry.writes == ["template prod", "replication"]


@pytest.mark.parametrize(
    ("what", "differing"),
    [
        ("template prod", {"templates": {"prod": CreationTemplate(("REPLICATION",))}}),
        ("cache hub", {"caches": {"hub": CacheRule("quay.io", "quay")}}),
    ],
)
def test_what_is_there_already_is_created_where_it_is_as_wanted(what: str, differing: dict[str, Any]) -> None:
    registry = FakeRegistry()
    registry.made_before = {what: lambda wanted: wanted}  # the answer to our own was lost
    assert apply(everything(), registry) == "10 created, 2 changed, 0 removed"
    assert plan(everything(), registry).changes == ()
    registry = FakeRegistry()
    registry.made_before = {what: lambda wanted: differing}
    said = apply(everything(), registry)
    assert said.startswith("9 created, 2 changed, 0 removed\nnot done: ")


def test_a_cache_of_another_upstream_whose_answer_was_lost_is_made_again() -> None:
    registry = FakeRegistry(caches={"hub": CacheRule("quay.io", "quay")})
    registry.made_before = {
        "cache hub": lambda wanted: {"caches": {"hub": replace(K8S, upstream_prefix="ROOT")}}
    }
    assert apply("pull-through: {hub: {upstream: k8s}}", registry) == "0 created, 1 changed, 0 removed"


def test_the_policy_may_be_a_few_words_and_is_shown_so() -> None:
    registry = FakeRegistry()
    text = "policy: {replicate-from: [210987654321 on prod/*], pull: ['999999999999']}"
    assert apply(text, registry) == "1 created, 0 changed, 0 removed"
    assert plan(text, registry).changes == ()
    resources = [one["Resource"] for one in json.loads(registry.kept["policy"])["Statement"]]
    assert f"arn:aws:ecr:{HERE.region}:{HERE.account}:repository/prod/*" in json.dumps(resources)
    assert 'replicate-from:\n    - "210987654321 on prod/*"\n' in shown(registry)
    changed = plan(text.replace("210987654321", "111122223333"), registry)
    assert {'-   - "210987654321 on prod/*"', '+   - "111122223333 on prod/*"'} <= set(
        changed.changes[0][1].lines
    )


def test_another_upstream_is_a_rule_that_is_made_again() -> None:
    registry = FakeRegistry(caches={"hub": CacheRule("quay.io", "quay")})
    found = plan("pull-through: {hub: {upstream: k8s}}", registry)
    assert "hub is removed and made again" in found.notes[0]
    apply("pull-through: {hub: {upstream: k8s}}", registry)
    assert registry.writes == ["no cache hub", "cache hub"]
    registry.writes = []
    apply(f"pull-through: {{hub: {{credential: '{SECRET}'}}}}", registry)
    assert registry.writes == ["change cache hub"]


def test_the_role_for_another_accounts_ecr_may_be_there_already() -> None:
    upstream = "210987654321.dkr.ecr.us-east-1.amazonaws.com"
    registry = FakeRegistry(caches={"far": CacheRule(upstream, "ecr", role=f"{IAM}:role/pull")})
    own = "123456789012.dkr.ecr.us-east-1.amazonaws.com"  # of our account: ECR needs no role
    text = f"pull-through: {{far: {{upstream: {upstream}}}, near: {{upstream: {own}}}}}"
    assert [change.name for _, change in plan(text, registry).changes] == ["near"]
    unknown = Place(HERE.region)  # whose account that is, is not known
    assert plan(text.replace("near", "next"), FakeRegistry(), unknown).differs


def test_a_difference_is_shown_in_the_words_of_the_file() -> None:
    registry = FakeRegistry(scanning=RegistryScanning("ENHANCED", {"SCAN_ON_PUSH": ("a/*", "b/*")}))
    text = text_of_plan(plan("scanning: {type: enhanced, on-push: [a/*, c/*]}", registry))
    assert text.splitlines() == [
        "~ scanning",
        "      type: enhanced",
        "      on-push:",
        "        - a/*",
        "    -   - b/*",
        "    +   - c/*",
        "",
        "0 to create, 1 to change, 0 to remove",
    ]


def _many(text: str, number: int) -> str:
    return ", ".join(text.format(one) for one in range(number))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "r.yml: says nothing: expected some of scanning, settings, policy, templates"),
        ("scaning: {type: basic}", "line 1: 'scaning' is not known; did you mean 'scanning'?"),
        (
            "registry: 999999999999/eu-west-1",
            "the file is for 999999999999/eu-west-1, and this is 123456789012",
        ),
        ("registry: eu-west-1", "registry: 'eu-west-1' is not ACCOUNT/REGION"),
        ("scanning: {on-push: ['*']}", "scanning: type is missing: basic or enhanced"),
        ("scanning: {type: clair}", "type: 'clair' is not one of BASIC, ENHANCED"),
        ("scanning: {type: basic, continuous: ['*']}", "basic scanning takes on-push and manual alone"),
        ("scanning: {type: enhanced, manual: ['*']}", "enhanced scanning takes on-push and continuous alone"),
        ("scanning: {type: enhanced, on-push: [A]}", "on-push: 'A' is not a pattern"),
        ("scanning: {type: enhanced, on-push: [a], continuous: [a]}", "the two contradict each other"),
        ("scanning: {type: enhanced, on-push: [a, a]}", "on-push: 'a' is there twice"),
        (f"scanning: {{type: basic, on-push: [{_many('a{}', 101)}]}}", "has 101 patterns, ECR takes 100"),
        ("replication: [{to: [eu-west-1]}]", "to: eu-west-1 is this registry itself"),
        ("replication: [{to: [eu-west-1/123456789012]}]", "is this registry itself"),
        (
            "replication: [{to: [cn-north-1]}]",
            "cn-north-1 is in the partition aws-cn, and the registry in aws",
        ),
        (
            "replication: [{to: [Frankfurt]}]",
            "'Frankfurt' is not a destination: expected REGION or REGION/ACCOUNT",
        ),
        ("replication: [{to: [us-east-1/12]}]", "is not a destination"),
        ("replication: [{to: [us-east-1, us-east-1]}]", "'us-east-1/123456789012' is there twice"),
        ("replication: [{repositories: [a/]}]", "to: names no destination"),
        (
            "replication: [{to: [us-east-1], repositories: ['team/*']}]",
            "is a pattern: expected how names begin, such as team/",
        ),
        (
            "replication: [{to: [us-east-1], repositories: [a]}]",
            "'a' is not how a name begins: expected 2 to 256",
        ),
        ("replication: [{to: [us-east-1], repositories: []}]", "is empty: leave it out to copy all"),
        ("replication: [{to: [us-east-1], delete: maybe}]", "delete: 'maybe' is not one of true, false"),
        (f"replication: [{_many('{{to: [us-east-{}]}}', 11)}]", "has 11 rules, ECR takes 10"),
        (f"replication: [{{to: [{_many('us-east-{}', 26)}]}}]", "has 26 destinations, ECR takes 25"),
        (
            (
                "replication:\n  - {to: [us-east-1], repositories: [team/], delete: true}\n"
                "  - {to: [us-east-1], repositories: [team/shop]}\n"
            ),
            "line 3: copies team/shop to us-east-1/123456789012, as the rule in line 2 does, and only one",
        ),
        ("replication:\n  - {to: [us-east-1]}\n  - {to: [us-east-1]}\n", "the two are the same"),
        ("templates: {Team: {applied-for: [replication]}}", "'Team' is not a prefix of names"),
        ("templates: {team: {}}", "team: applied-for is missing"),
        (
            "templates: {team: {applied-for: [replication]}, team/: {applied-for: [create-on-push]}}",
            "'team/' is there twice: it is the same prefix as 'team'",
        ),
        ("templates: {team: {applied-for: [push]}}", "'push' is not one of pull-through-cache, replication"),
        (
            (
                f"templates: {{team: {{applied-for: [replication], encryption: KMS, role: '{IAM}:role/a', "
                "kms-key: 'arn:aws:kms:us-east-1:123456789012:key/1'}}"
            ),
            "kms-key: the key is in us-east-1, and the registry in eu-west-1",
        ),
        (
            f"templates: {{team: {{applied-for: [replication], kms-key: '{KEY}'}}}}",
            "needs encryption: KMS or KMS_DSSE",
        ),
        (
            "templates: {team: {applied-for: [replication], encryption: KMS}}",
            "role is missing: with a KMS key",
        ),
        ("templates: {team: {applied-for: [replication], tags: {a: b}}}", "role is missing: with tags"),
        (
            "templates: {team: {applied-for: [replication], scan-on-push: true}}",
            "'scan-on-push' is not known",
        ),
        (
            (
                "templates: {team: {applied-for: [replication], encryption: KMS, kms-key: alias/a, "
                f"role: '{IAM}:role/a'}}}}"
            ),
            "is not the ARN of a key, which a template needs",
        ),
        ("templates: {team: {applied-for: [replication], role: a}}", "role: 'a' is not an ARN of iam"),
        ("pull-through: {h: {upstream: quay}}", "'h' is not a prefix: expected 2 to 30"),
        ("pull-through: {hub: {upstream: dockerhub}}", "'dockerhub' is not an upstream that ECR knows"),
        ("pull-through: {hub: {}}", "hub: upstream is missing"),
        ("pull-through: {a1/: {upstream: quay}, a1: {upstream: k8s}}", "'a1' is there twice"),
        (
            "pull-through: {own: {upstream: 123456789012.dkr.ecr.eu-west-1.amazonaws.com}}",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com is this registry itself",
        ),
        ("pull-through: {hub: {upstream: docker-hub}}", "hub: credential is missing: docker-hub needs"),
        (
            (
                "pull-through: {hub: {upstream: docker-hub, credential: "
                "'arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-AbCdEf'}}"
            ),
            "the secret's name must begin with ecr-pullthroughcache/",
        ),
        (
            f"pull-through: {{hub: {{upstream: docker-hub, credential: '{ELSEWHERE}'}}}}",
            "is in us-east-1, and the registry in eu-west-1",
        ),
        (
            f"pull-through: {{hub: {{upstream: quay, role: '{IAM}:role/a'}}}}",
            "role: only another ECR is asked with one",
        ),
        (
            "pull-through: {far: {upstream: 210987654321.dkr.ecr.us-east-1.amazonaws.com}}",
            (
                "r.yml, line 1: far: role is missing: ECR pulls from another account, 210987654321, by a "
                f"role of this one: role: {IAM}:role/NAME"
            ),
        ),
        (
            f"pull-through: {{{_many('p{}: {{upstream: quay}}', 51)}}}",
            "there would be 51 rules, ECR takes 50",
        ),
        ("signing: [{repositories: [a]}]", "profile is missing"),
        (
            f"signing: [{{profile: '{PROFILE.replace('eu-west-1', 'us-east-1')}'}}]",
            "is in us-east-1, and the registry in",
        ),
        ("signing: [{profile: release}]", "'release' is not an ARN of signer"),
        (f"signing: [{{profile: '{PROFILE}'}}, {{profile: '{PROFILE}'}}]", "is there twice"),
        (
            "pull-time-exclusions: ['arn:aws:sts::123456789012:assumed-role/a/b']",
            "is a session: expected its role",
        ),
        (f"pull-time-exclusions: ['{IAM}:role/*']", "is not a principal"),
        (f"pull-time-exclusions: ['{IAM}:role/a', '{IAM}:role/a']", "is there twice"),
        ("settings: {blob-mount: true}", "'blob-mount' is not known; did you mean 'blob-mounting'?"),
        ("settings: {registry-policy-scope: V1}", "registry-policy-scope: ECR no longer takes V1"),
        ("policy: missing.json", "policy: cannot read missing.json"),
        ("policy: '{}'", "policy: Statement is absent"),
        (
            'policy: \'{"Statement": [{"Effect": "Allow"}]}\'',
            "Statement[0] needs one of Action and NotAction",
        ),
        (
            (
                'policy: \'{"Statement": [{"Effect": "Allow", "Principal": "*", '
                '"Action": "ecr:ReplicateImage", "Resource": "*"}]}\''
            ),
            "opens the registry to every AWS account",
        ),
        ("policy: {replicate-from: [everyone]}", "nothing but pulls from one repository may be open"),
        ("policy: {replicate: [210987654321]}", "'replicate' is not known; did you mean 'replicate-from'?"),
        (
            'policy: \'{"Statement": [{"Resource": "%s"}]}\'' % ("x" * 10_240),
            "characters, ECR takes 10,240",
        ),
    ],
)
def test_each_mistake_is_named_with_its_line(text: str, problem: str) -> None:
    registry = FakeRegistry()
    with pytest.raises(SettingsError) as caught:
        plan(text, registry)
    assert problem in "\n".join(caught.value.problems)
    assert registry.writes == []


def test_all_mistakes_come_at_once_those_beside_what_is_there_too() -> None:
    text = "scanning: {type: x}\nreplication: [{to: [eu-west-1]}]\ntemplates: {team: {}}\n"
    with pytest.raises(SettingsError) as caught:
        plan(text, FakeRegistry())
    assert [one.partition(":")[0] for one in caught.value.problems] == [f"r.yml, line {n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("scanning: {type: enhanced}", "no repository is scanned"),
        (
            "scanning: {type: basic, on-push: [shop]}",
            "shop has no *, and so means every name that contains it",
        ),
        ("replication: [{to: [us-east-1]}]", "`ecr-push registry backfill`"),
        ("replication: [{to: [us-eats-1]}]", "that the AWS SDK does not know; did you mean 'us-east-1'?"),
        (
            "replication: [{to: [us-east-1], repositories: [team/, team/shop]}]",
            "team/shop is meant by team/ already",
        ),
        (
            "replication: [{to: [us-east-1], repositories: [team/]}, {to: [us-east-1]}]",
            "two rules copy team/ to us-east-1/123456789012",
        ),
        ("pull-through: {quay: {upstream: quay}, quay/a: {upstream: k8s}}", "quay/a is under quay"),
        (f"signing: [{{profile: '{PROFILE}'}}]", "signer:SignPayload"),
    ],
)
def test_what_ecr_takes_and_surprises_is_said(text: str, note: str) -> None:
    assert any(note in one for one in plan(text, FakeRegistry()).notes)


def test_a_mistake_is_found_without_aws() -> None:
    class Unreachable(FakeRegistry):
        def scanning(self) -> Any:
            raise RegistryError("AWS could not be reached")

    with pytest.raises(SettingsError):
        plan("scanning: {type: basic}\nsigning: [{}]", Unreachable())
    with pytest.raises(RegistryError) as caught:
        plan("scanning: {type: basic}\nsettings: {blob-mounting: true}", Unreachable())
    assert caught.value.what == "1 of 2 kinds of settings could not be read"
    assert caught.value.why == "- scanning: AWS could not be reached"


NAMES = st.from_regex(r"[a-z][a-z0-9]{1,8}(/[a-z][a-z0-9]{0,6})?", fullmatch=True)
TEMPLATES = st.builds(
    CreationTemplate,
    st.sets(st.sampled_from(["CREATE_ON_PUSH", "PULL_THROUGH_CACHE", "REPLICATION"]), min_size=1).map(
        lambda found: tuple(sorted(found))
    ),
    st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=20).map(str.strip),
    st.sampled_from(["MUTABLE", "IMMUTABLE"]),
    st.sets(st.sampled_from(["latest", "1.*", "v*"])).map(lambda found: tuple(sorted(found))),
    st.sampled_from(["AES256", "KMS", "KMS_DSSE"]),
    st.just(""),
    st.sampled_from(["", '{"rules":[]}', json.dumps({"rules": [{"a": 1}]})]),
    st.sampled_from(
        [
            "",
            json.dumps(
                {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "ecr:DeleteRepository"}]}
            ),
        ]
    ),
    st.dictionaries(NAMES, NAMES, max_size=2),
    st.just(f"{IAM}:role/a"),
)
RULES = st.builds(
    ReplicationRule,
    st.sets(st.sampled_from(["us-east-1", "us-west-2", "eu-north-1"]), min_size=1).map(
        lambda found: tuple(Place(one, "210987654321") for one in sorted(found))
    ),
    st.sets(NAMES.filter(lambda name: len(name) > 1), max_size=3).map(lambda found: tuple(sorted(found))),
    st.just(False),
)


@given(
    st.lists(RULES, max_size=4, unique=True),
    st.dictionaries(NAMES, TEMPLATES, max_size=3),
    st.sets(st.sampled_from(["a/*", "b", "*"])),
)
def test_what_is_shown_asks_for_exactly_what_there_is(
    rules: list[ReplicationRule], templates: Mapping[str, CreationTemplate], patterns: set[str]
) -> None:
    kept = {name: one for name, one in templates.items() if "rules" not in one.lifecycle}
    registry = FakeRegistry(
        replication=tuple(rules),
        templates=kept,
        scanning=RegistryScanning("BASIC", {"SCAN_ON_PUSH": tuple(sorted(patterns))} if patterns else {}),
    )
    assert plan(shown(registry), registry).changes == ()


@given(
    st.text(max_size=80) | st.sampled_from(["- a", "scanning: [", "templates: {a: [b]}", "signing: {a: b}"])
)
def test_any_text_has_an_answer(text: str) -> None:
    try:
        Path("r.yml").write_bytes(text.encode("utf-8", "surrogatepass"))
        read_registry_file(Path("r.yml"), HERE)
    except SettingsError:
        pass
