from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as test_settings
from hypothesis import strategies as st

from ecr_push.base.errors import SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.severity import NoThreshold, Severity
from ecr_push.policy.finding_pattern import FindingPattern
from ecr_push.policy.keys import BY_NAME, KEYS
from ecr_push.policy.load import Effective, load_effective, load_policy
from ecr_push.policy.model import Policy, Scope
from ecr_push.policy.options import PolicyOptions
from ecr_push.policy.read_object import no_objects
from tests.support import judging

S = Severity


def load(
    tmp_path: Path,
    text: str,
    *,
    others: dict[str, str] | None = None,
    objects: Callable[[str, int], bytes] = no_objects,
    **given: Any,
) -> Policy:
    """The policy in policy.yml, beside other files, under settings."""
    for name, content in {"policy.yml": text, **(others or {})}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return load_policy(PolicyOptions(policy=str(tmp_path / "policy.yml"), **given), objects, Fences.of("."))


def problems(tmp_path: Path, text: str, **more: Any) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        load(tmp_path, text, **more)
    return [one.replace(f"{tmp_path}/", "") for one in raised.value.problems]


# ------------------------------------------------------------------------- every key


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("fail-on: Medium", "fail_on", S.MEDIUM),
        ("fail-on: none", "fail_on", None),
        ("", "fail_on", S.HIGH),
        ("# nothing", "fail_on", S.HIGH),
        ("exploited: refuse", "fail_on", S.HIGH),  # only limits stand in place of the default
        ("max-findings: {critical: 0, high: 5}", "limits", {S.CRITICAL: 0, S.HIGH: 5}),
        ("max-findings: critical=0,high=5", "limits", {S.CRITICAL: 0, S.HIGH: 5}),
        ("max-findings: {critical: 0}", "fail_on", None),
        ("max-findings-in-total: {low: 10}", "total_limits", {S.LOW: 10}),
        ("max-findings-in-total: {low: 10}", "fail_on", None),
        ("fixable-only: true", "fixable_only", True),
        ("exploited: refuse", "exploited", "refuse"),
        ("max-epss: 0.25", "max_epss", 0.25),
        ("max-epss: none", "max_epss", None),
        ("max-cvss: 9", "max_cvss", 9.0),
        ("unscored: ignore", "unscored", "ignore"),
        ("", "unscored", "refuse"),
        ("undefined-as: high\nuntriaged-as: low", "count_as", {S.UNDEFINED: S.HIGH, S.UNTRIAGED: S.LOW}),
        ("unscannable: warn", "unscannable", "warn"),
        ("package-managers: {exclude: [os, jar]}", "package_managers", Scope(exclude=("OS", "JAR"))),
        ("package-managers: {include: os}", "package_managers", Scope(include=("OS",))),
        (
            "paths: {include: ['app/**'], exclude: ['**/test/**']}",
            "paths",
            Scope(("app/**",), ("**/test/**",)),
        ),
        ("layers: own", "layers", "own"),
        ("base-images: [base/**]", "base_images", ("base/**",)),
        ("observe: true", "observe", True),
        ("", "observe", False),
        ("baseline: latest", "baseline", "latest"),
        ("baseline: sha256:" + "a" * 64, "baseline", "sha256:" + "a" * 64),
        ("strict-exceptions: true", "strict", {"expired", "unused", "outgrown", "incomplete"}),
        ("strict-exceptions: [expired]", "strict", {"expired"}),
        ("strict-exceptions: false", "strict", set()),
    ],
)
def test_each_key(tmp_path: Path, text: str, field: str, value: object) -> None:
    assert getattr(load(tmp_path, text), field) == value


def test_an_exception_and_what_is_always_refused(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        """
exceptions:
  - vulnerability: cve-2024-1234
    package: openssl
    versions: '>=3, <3.0.14'
    path: app/**
    platform: linux/arm64
    reason: not reachable
    owner: team-a
    until: 2026-12-31
    until-fixed: true
always-refuse:
  - vulnerability: CVE-2021-44228
    reason: log4shell
  - package: xz-utils
    versions: '>=5.6.0, <=5.6.1'
""",
    )
    exception = found.exceptions[0]
    assert str(exception.what) == ("CVE-2024-1234 in openssl >=3, <3.0.14 at app/** on linux/arm64")
    assert (exception.reason, exception.owner) == ("not reachable", "team-a")
    assert (exception.until, exception.until_fixed) == (date(2026, 12, 31), True)
    assert exception.where == f"{tmp_path}/policy.yml, line 3" and not exception.central
    assert [str(one.what) for one in found.always_refuse] == [
        "CVE-2021-44228", "every vulnerability in xz-utils >=5.6.0, <=5.6.1",
    ]  # fmt: skip
    assert found.sources == (f"{tmp_path}/policy.yml",)


MISTAKES = [
    ("fial-on: high", "line 1: 'fial-on' is not a policy key; did you mean 'fail-on'?"),
    ("fail-on: HIGH,CRITICAL", "line 1, fail-on: 'HIGH,CRITICAL': give one severity"),
    ("fail-on: hihg", "line 1, fail-on: 'hihg' is not a severity"),
    ("fail-on: [high]", "line 1, fail-on: expected one value, not a list or a mapping"),
    ("fail-on: high\nfail-on: low", "line 2, fail-on: is already set in line 1"),
    ("max-findings:\n  critical: 0\n  hihg: 5", "line 3, max-findings: 'hihg' is not a severity"),
    ("max-findings:\n  high: many", "line 2, max-findings: 'high=many': expected SEVERITY=NUMBER"),
    ("max-findings: {high: 1, high: 2}", "line 1, max-findings: 'high' is already set in line 1"),
    ("max-findings: [high]", "line 1, max-findings: expected limits such as {critical: 0, high: 5}"),
    ("fixable-only: yes", "line 1, fixable-only: 'yes' is not a valid switch: expected true or false"),
    ("exploited: refus", "line 1, exploited: 'refus' is not one of refuse, allow; did you mean 'refuse'?"),
    ("max-epss: 1.5", "line 1, max-epss: '1.5' is not valid: expected a number from 0 to 1, or none"),
    ("max-epss: nan", "line 1, max-epss: 'nan' is not valid: expected a number from 0 to 1, or none"),
    ("max-cvss: -1", "line 1, max-cvss: '-1' is not valid: expected a number from 0 to 10, or none"),
    ("package-managers: {exclude: [opssys]}", "line 1, package-managers: 'opssys' is not one of os, pip"),
    ("package-managers: {exlude: [os]}", "expected include, exclude; did you mean 'exclude'?"),
    ("paths: app", "line 1, paths: expected include and exclude"),
    ("layers: mine", "line 1, layers: 'mine' is not one of all, own, base"),
    ("baseline: 'a b'", "line 1, baseline: 'a b' is not a valid image tag"),
    ("exceptions: CVE-1", "line 1, exceptions: expected a list: each entry of exceptions starts with '-'"),
    ("exceptions:\n  - CVE-1", "line 2, exceptions: expected vulnerability, package"),
    ("exceptions:\n  - reason: x", "line 2, exceptions: matches nothing: expected at least one of"),
    ("exceptions:\n  - cve: CVE-1\n    package: x", "line 2, exceptions: 'cve' is not a key here"),
    ("exceptions:\n  - package: x\n    until: 31.12.2026", "'31.12.2026' is not a valid date"),
    ("exceptions:\n  - package: x\n    until: 2026-02-30", "'2026-02-30' is not a valid date: day"),
    (
        "exceptions:\n  - package: x\n    versions: '~1'",
        "'~1' is not a valid range of versions",
    ),
    ("exceptions:\n  - package: x\n    reason:\n", "line 3, exceptions: reason: expected a text"),
    ("always-refuse:\n  - path: app/**", "line 2, always-refuse: 'path' is not a key here"),
    ("strict-exceptions: [old]", "line 1, strict-exceptions: 'old' is not one of true, false, expired"),
    (
        "locked: [fial-on]",
        "line 1, locked: 'fial-on' is not a key that can be locked; did you mean 'fail-on'?",
    ),
    ("vex: {}", "line 1, vex: expected a text, or a list of texts"),
    ("vex: missing.json", "line 1, vex: cannot read missing.json: No such file or directory; it was looked"),
    ("extends: missing.yml", "line 1, extends: cannot read missing.yml: No such file or directory"),
    ("extends: policy.yml", "policy.yml extends itself"),
    ("extends: s3://bucket/key", "cannot read s3://bucket/key: this command does not read from S3"),
    ("extends: s3://b/key", "cannot read s3://b/key: 'b' is not the name of a bucket: it has 1 characters"),
    ("extends: []", "line 1, extends: expected a file, or s3://BUCKET/KEY"),
    ("- a list", "policy.yml: expected a policy as 'name: value' lines"),
    ("a: [unclosed", "policy.yml: cannot parse the file: line 1, column 13: expected"),
    ("a: &a [*a]", "policy.yml: cannot parse the file: line 1, column 4: what an anchor names contains"),
    ("strict-exceptions: true\nexceptions:\n  - package: x",
     "policy.yml, line 3, exceptions: every vulnerability in x has no reason"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MISTAKES)
def test_mistakes(tmp_path: Path, text: str, expected: str) -> None:
    found = problems(tmp_path, text)
    assert any(expected in one for one in found), found


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    text = "\n".join(
        [
            "fail-on: hihg",
            "max-epss: 2",
            "exceptions:",
            "  - package: x",
            "    until: soon",
            "vex: no.json",
            "x: 1",
        ]
    )
    assert [one.partition(": ")[0] for one in problems(tmp_path, text)] == [
        "policy.yml, line 1, fail-on", "policy.yml, line 2, max-epss", "policy.yml, line 5, exceptions",
        "policy.yml, line 7", "policy.yml, line 6, vex",
    ]  # fmt: skip


def test_a_policy_that_is_too_large_is_refused(tmp_path: Path) -> None:
    assert "it is larger than 1 MiB" in problems(tmp_path, "#" * (1024 * 1024 + 1))[0]


# ------------------------------------------------------------------------- settings above files


def test_without_a_policy_file_the_settings_are_the_policy() -> None:
    assert load_policy(PolicyOptions(), no_objects, Fences.of(".")) == Policy()
    assert load_policy(PolicyOptions(max_findings={S.HIGH: 1}), no_objects, Fences.of(".")).fail_on is None
    assert load_policy(PolicyOptions(baseline="none"), no_objects, Fences.of(".")).baseline == ""
    assert load_policy(
        PolicyOptions(baseline="latest", unscannable="warn"), no_objects, Fences.of(".")
    ) == Policy(baseline="latest", unscannable="warn")


def test_settings_go_before_the_file(tmp_path: Path) -> None:
    text = "fail-on: medium\nunscannable: warn\nbaseline: latest\nmax-findings: {low: 9}"
    given = {"fail_on": S.CRITICAL, "unscannable": "refuse", "baseline": "none", "max_findings": {S.HIGH: 1}}
    found = load(tmp_path, text, **given)
    assert (found.fail_on, found.unscannable, found.baseline) == (S.CRITICAL, "refuse", "")
    assert found.limits == {S.HIGH: 1}
    kept = load(tmp_path, text)
    assert (kept.fail_on, kept.unscannable, kept.baseline) == (S.MEDIUM, "warn", "latest")


def test_a_policy_inside_ecr_push_yml(tmp_path: Path) -> None:
    inside = "repository: team/app\nregion: eu-west-1\npolicy:\n  fail-on: low\n  max-epss: 0.1\n"
    found = load(tmp_path, inside)
    assert (found.fail_on, found.max_epss) == (S.LOW, 0.1)
    assert problems(tmp_path, "fail-on: high\npolicy:\n  fail-on: low\n") == [
        "policy.yml, line 1, fail-on: is also set in the policy below: keep only one"
    ]
    assert problems(tmp_path, "exploited: refuse\nlocked: true\npolicy:\n  fail-on: critical\n") == [
        "policy.yml, line 1, exploited: has no effect outside of 'policy:': move it below that key",
        "policy.yml, line 2, locked: has no effect outside of 'policy:': move it below that key",
    ]
    assert problems(tmp_path, "fail-on: low\npolicy:\n  max-cvss: 5\npolicy:\n  max-cvss: 9\n") == [
        "policy.yml, line 1, fail-on: has no effect outside of 'policy:': move it below that key",
        "policy.yml, line 4, policy: is already set in line 2",
    ]
    assert problems(tmp_path, "policy: other.yml") == ["policy.yml, line 1, policy: expected a mapping here"]
    assert problems(tmp_path, "policy:\n  fail-onn: low\n")[0].startswith(
        "policy.yml, line 2: 'fail-onn' is not a policy key"
    )


# ------------------------------------------------------------------------- extends and locks


def test_an_extending_policy_replaces_values_and_adds_to_lists(tmp_path: Path) -> None:
    central = (
        "fail-on: critical\nmax-epss: 0.5\nexceptions:\n  - package: zlib\nalways-refuse:\n  - package: xz"
    )
    own = (
        "extends: central/base.yml\nfail-on: high\nexceptions:\n  - package: openssl\n"
        "always-refuse:\n  - package: log4j"
    )
    found = load(tmp_path, own, others={"central/base.yml": central})
    assert (found.fail_on, found.max_epss) == (S.HIGH, 0.5)
    assert [(one.what, one.central) for one in found.exceptions] == [
        (FindingPattern(package="zlib"), True), (FindingPattern(package="openssl"), False),
    ]  # fmt: skip
    assert [one.what.package for one in found.always_refuse] == ["xz", "log4j"]
    assert [Path(one).name for one in found.sources] == ["base.yml", "policy.yml"]


def test_s3_and_what_is_named_in_it(tmp_path: Path) -> None:
    asked: list[str] = []
    content = {
        "s3://acme/policies/images.yml": b"extends: ../base.yml\nmax-epss: 0.5\nvex: vex/all.json",
        "s3://acme/base.yml": b"fail-on: low",
        "s3://acme/policies/vex/all.json": b'{"@context": "https://openvex.dev/ns/v0.2.0", "statements": []}',
    }

    def read(url: str, limit: int) -> bytes:
        asked.append(url)
        return content[url]

    found = load(tmp_path, "extends: s3://acme/policies/images.yml", objects=read)
    assert (found.fail_on, found.max_epss) == (S.LOW, 0.5)
    assert asked == ["s3://acme/policies/images.yml", "s3://acme/base.yml", "s3://acme/policies/vex/all.json"]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which we run, with files of the host beside it."""
    root = tmp_path / "checkout"
    root.mkdir()
    (tmp_path / "host.yml").write_text("canary: 1\n")
    monkeypatch.chdir(root)
    return root


def mistakes(policy: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        load_policy(PolicyOptions(policy=policy), no_objects, Fences.of("."))
    return [*raised.value.problems]


@pytest.mark.parametrize("key", ["extends: {}", "vex: [{}]", "vex: {}"])
@pytest.mark.parametrize("named", ["../host.yml", "{host}/host.yml", "/proc/self/environ", "/dev/stdin"])
def test_a_policy_of_the_checkout_names_no_file_outside(key: str, named: str, checkout: Path) -> None:
    (checkout / "policy.yml").write_text(key.format(named.format(host=checkout.parent)))
    [mistake] = mistakes("policy.yml")
    assert "is outside the checkout" in mistake and "line 1" in mistake
    assert "canary" not in mistake


def test_no_link_leads_a_policy_outside_the_checkout(checkout: Path) -> None:
    (checkout / "link.yml").symlink_to("../host.yml")
    (checkout / "policy.yml").write_text("extends: link.yml\nvex: [link.yml]\n")
    for policy, count in (("link.yml", 1), ("policy.yml", 2)):
        found = mistakes(policy)
        assert len(found) == count
        for mistake in found:
            assert "leads outside the checkout by a symlink" in mistake and "canary" not in mistake


def test_a_policy_that_the_user_names_outside_may_name_others_there(checkout: Path) -> None:
    (checkout.parent / "central.yml").write_text("extends: more/base.yml\n")
    (checkout.parent / "more").mkdir()
    (checkout.parent / "more" / "base.yml").write_text("fail-on: low\n")
    loaded = load_policy(PolicyOptions(policy="../central.yml"), no_objects, Fences.of("."))
    assert loaded.fail_on is S.LOW


def test_a_policy_may_come_through_a_pipe(checkout: Path) -> None:
    """As of `--policy <(make-policy)`."""
    reading, writing = os.pipe()
    os.write(writing, b"fail-on: low")
    os.close(writing)
    loaded = load_policy(PolicyOptions(policy=f"/dev/fd/{reading}"), no_objects, Fences.of("."))
    os.close(reading)
    assert loaded.fail_on is S.LOW


def test_too_long_a_chain_is_refused(tmp_path: Path) -> None:
    others = {f"p{number}.yml": f"extends: p{number + 1}.yml" for number in range(20)}
    assert "more than 8 policies extend each other" in problems(tmp_path, "extends: p0.yml", others=others)[0]


# key, the central value, a tighter one, a looser one
LOCKS = [
    ("fail-on", "high", "medium", "critical"),
    ("fail-on", "high", "high", "none"),
    ("max-findings", "{critical: 0, high: 5}", "{critical: 0, high: 4}", "{critical: 0, high: 6}"),
    ("max-findings", "{critical: 0, high: 5}", "{high: 5, low: 1}", "{critical: 0}"),
    ("max-findings", "{high: 5}", "{high: 5, critical: 0}", "{high: 5, critical: 1}"),
    ("max-findings", "{critical: 0, low: 3}", "{low: 3}", "{medium: 3}"),
    ("max-findings-in-total", "{high: 5}", "{high: 0}", "{high: 6}"),
    ("fixable-only", "false", "false", "true"),
    ("fixable-only", "true", "false", None),
    ("exploited", "refuse", "refuse", "allow"),
    ("exploited", "allow", "refuse", None),
    ("max-epss", "0.5", "0.1", "0.6"),
    ("max-epss", "0.5", "0.5", "none"),
    ("max-cvss", "8", "7.9", "8.1"),
    ("max-cvss", "none", "9", None),
    ("unscored", "refuse", "refuse", "ignore"),
    ("undefined-as", "high", "high", "critical"),
    ("undefined-as", "none", "low", None),
    ("untriaged-as", "high", "high", "none"),
    ("unscannable", "refuse", "refuse", "warn"),
    ("unscannable", "warn", "refuse", None),
    ("package-managers", "{include: [os]}", "{include: [os, jar]}", "{include: [jar]}"),
    ("package-managers", "{include: [os]}", "{}", "{include: [os], exclude: [jar]}"),
    ("package-managers", "{exclude: [os, jar]}", "{exclude: [os]}", "{exclude: [os, jar, pip]}"),
    ("package-managers", "{exclude: [os]}", "{}", "{include: [jar]}"),
    ("paths", "{exclude: ['test/**']}", "{}", "{exclude: ['**']}"),
    ("layers", "own", "all", "base"),
    ("layers", "all", "all", "own"),
    ("base-images", "[base/**, x/*]", "[base/**]", "[base/**, y/*]"),
    ("base-images", "[base/**]", "[base/**]", "[]"),
    ("base-images", "[]", "[base/**]", None),
    ("observe", "false", "false", "true"),
    ("observe", "true", "false", None),
    ("baseline", "latest", "none", "main"),
    ("baseline", "none", "none", "latest"),
    ("always-refuse", "[{package: xz}]", "[{package: log4j}]", None),
    ("exceptions", "[{package: xz}]", "[]", "[{package: zlib}]"),
    ("vex", "[]", "[]", "[other.json]"),
    ("strict-exceptions", "[expired]", "[expired, unused]", "[unused]"),
    ("strict-exceptions", "true", "true", "false"),
]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(("key", "central", "tighter", "looser"), LOCKS)
def test_a_locked_key_may_only_be_tightened(
    tmp_path: Path, key: str, central: str, tighter: str, looser: str | None, whole: bool
) -> None:
    lock = "true" if whole else f"[{key}]"
    others = {"central.yml": f"# central\n{key}: {central}\nlocked: {lock}\n"}
    load(tmp_path, f"extends: central.yml\n{key}: {tighter}", others=others)
    if looser is None:
        return
    found = problems(tmp_path, f"extends: central.yml\n{key}: {looser}", others=others)
    wrong = [one for one in found if "locked by" in one]
    assert len(wrong) == 1, found
    assert wrong[0].startswith("policy.yml, line 2") and "central.yml, line 3" in wrong[0]
    assert BY_NAME[key].tighter in wrong[0]
    # What is not locked may be anything.
    if key not in ("vex",):
        load(tmp_path, f"extends: central.yml\n{key}: {looser}", others={"central.yml": f"{key}: {central}"})


def test_every_key_is_in_the_table_of_locks() -> None:
    assert {row[0] for row in LOCKS} == set(BY_NAME)


def test_the_message_names_both_places_and_both_values(tmp_path: Path) -> None:
    others = {"central.yml": "locked: true\nmax-epss: 0.5\n"}
    (found,) = problems(tmp_path, "extends: central.yml\n\nmax-epss: 0.9", others=others)
    assert found == (
        "policy.yml, line 3: max-epss 0.9 loosens 0.5 (central.yml, line 2), which is locked by "
        "central.yml, line 1; allowed: a lower number"
    )


@pytest.mark.parametrize(
    ("given", "flag"),
    [
        ({"fail_on": S.CRITICAL}, "--fail-on"),
        ({"max_findings": {S.HIGH: 1}}, "--max-findings"),
        ({"fail_on": NoThreshold.NONE}, "--fail-on"),
        ({"unscannable": "warn"}, "--unscannable"),
        ({"observe": True}, "--observe"),
        ({"baseline": "latest"}, "--baseline"),
    ],
)
def test_no_flag_loosens_what_is_locked(tmp_path: Path, given: dict[str, Any], flag: str) -> None:
    central = "fail-on: high\nmax-findings: {high: 0}\nlocked: true\n"
    found = problems(tmp_path, "extends: central.yml", others={"central.yml": central}, **given)
    assert (
        len(found) == 1 and found[0].startswith(f"{flag}: ") and "locked by central.yml, line 3;" in found[0]
    )
    tighter = {
        "fail_on": S.LOW, "max_findings": {S.LOW: 0}, "unscannable": "refuse", "baseline": "none",
        "observe": False,
    }  # fmt: skip
    load(tmp_path, "extends: central.yml", others={"central.yml": central}, **tighter)


@pytest.mark.parametrize("text", ["", "fail-on: high", "max-findings: {high: 1}"])
def test_the_flag_turns_the_threshold_off_as_the_file_does(tmp_path: Path, text: str) -> None:
    """In a policy and without one, `none` means the same: no severity refuses."""
    assert load(tmp_path, text, fail_on=NoThreshold.NONE).fail_on is None
    assert load_policy(PolicyOptions(fail_on=NoThreshold.NONE), no_objects, Fences.of(".")).fail_on is None


@pytest.mark.parametrize("given", [None, True, False])
def test_a_flag_overrides_what_a_policy_says_of_observing(tmp_path: Path, given: bool | None) -> None:
    assert load(tmp_path, "observe: true", observe=given).observe is (given is not False)
    assert load(tmp_path, "", observe=given).observe is bool(given)
    plain = load_policy(PolicyOptions(observe=given), no_objects, Fences.of("."))
    assert plain.observe is bool(given)


def test_no_policy_of_the_checkout_switches_observing_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes with the code that it judges, which may be a fork's. Nor does what it extends."""
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("policy.yml", "observe: true"),
        ("own.yml", "extends: policy.yml"),
        ("ecr-push.yml", "policy: {observe: true}"),
        ("stricter.yml", "observe: false"),
    ):
        (tmp_path / name).write_text(text)
    bucket = "s3://acme/images.yml"  # which the checkout may name, too
    for name, text in (("remote.yml", f"extends: {bucket}"), ("twice.yml", "extends: remote.yml")):
        (tmp_path / name).write_text(text)
        with pytest.raises(SettingsError, match=f"{bucket}, line 1, observe: is not allowed"):
            load_policy(PolicyOptions(policy=name), lambda *_: b"observe: true", Fences.of("."))
    for name, place in (
        ("policy.yml", "policy.yml"),
        ("own.yml", "policy.yml"),
        ("ecr-push.yml", "ecr-push.yml"),
    ):
        with pytest.raises(SettingsError) as raised:
            load_policy(PolicyOptions(policy=name), no_objects, Fences.of("."))
        [problem] = raised.value.problems
        assert problem.startswith(f"{place}, line 1, observe: is not allowed in a policy of the checkout")
        assert "--observe or ECR_PUSH_OBSERVE" in problem
    assert not load_policy(PolicyOptions(policy="stricter.yml"), no_objects, Fences.of(".")).observe
    central = PolicyOptions(policy="s3://acme/images.yml")
    assert load_policy(central, lambda *_: b"observe: true", Fences.of(".")).observe


def test_limits_do_not_switch_off_a_locked_default(tmp_path: Path) -> None:
    """fail-on is high where nothing is said, and limits stand in its place: not where it is locked."""
    own = "extends: central.yml\nmax-findings: {high: 5}"
    assert load(tmp_path, own, others={"central.yml": "max-epss: 1"}).fail_on is None
    assert load(tmp_path, own, others={"central.yml": "locked: [fail-on]"}).fail_on is S.HIGH
    assert load(tmp_path, own, others={"central.yml": "locked: true"}).limits == {S.HIGH: 5}


def test_a_lock_holds_for_all_that_build_on_it(tmp_path: Path) -> None:
    others = {
        "a.yml": "fail-on: high\nlocked: [fail-on]",
        "b.yml": "extends: a.yml\nlocked: []\nfail-on: low",
    }
    found = problems(tmp_path, "extends: b.yml\nfail-on: high", others=others)
    assert "fail-on high loosens low (b.yml, line 3), which is locked by a.yml, line 2" in found[0]


# ------------------------------------------------------------------------- a tighter policy accepts no more

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "fail-on": st.sampled_from([None, *S]),
    "max-findings": judging.limits,
    "max-findings-in-total": judging.limits,
    "exploited": st.sampled_from(["refuse", "allow"]),
    "max-epss": st.none() | st.floats(0, 1),
    "max-cvss": st.none() | st.floats(0, 10),
    "unscored": st.sampled_from(["refuse", "ignore"]),
    "undefined-as": st.none() | judging.named,
    "untriaged-as": st.none() | judging.named,
    "fixable-only": st.booleans(),
    "package-managers": judging.scopes,
    "paths": st.sampled_from([Scope(), Scope(exclude=("test/**",)), Scope(include=("app/**",))]),
    "layers": st.sampled_from(["all", "own", "base"]),
    "baseline": st.sampled_from(["", "latest"]),
    "exceptions": judging.exceptions,
}
chosen_values = st.fixed_dictionaries(VALUES)


def as_policy(values: dict[str, Any]) -> Policy:
    said = {BY_NAME[name].field: value for name, value in values.items()}
    mapped = {S.UNDEFINED: said.pop("undefined_as"), S.UNTRIAGED: said.pop("untriaged_as")}
    return Policy(**said, count_as={one: of for one, of in mapped.items() if of is not None})


@given(judging.scans, chosen_values, chosen_values)
@test_settings(max_examples=3 * test_settings.default.max_examples)
def test_what_a_lock_allows_never_accepts_more(
    scans: Any, before: dict[str, Any], wish: dict[str, Any]
) -> None:
    after = dict(before)
    for name, value in wish.items():
        key = BY_NAME[name]
        if key.adds is None and not key.loosens(before[name], value):
            after[name] = value
    scanned = judging.build(scans)
    assert judging.passes(scanned, as_policy(before)) or not judging.passes(scanned, as_policy(after))


@given(st.data())
def test_tighter_is_an_order_on_every_key(data: st.DataObject) -> None:
    for name, values in VALUES.items():
        key = BY_NAME[name]
        if key.adds is not None:
            continue
        one, two, three = (data.draw(values) for _ in range(3))
        assert not key.loosens(one, one), name
        if not key.loosens(one, two) and not key.loosens(two, three):
            assert not key.loosens(one, three), name


# ------------------------------------------------------------------------- what is shown


def effective(tmp_path: Path, text: str) -> Effective:
    (tmp_path / "policy.yml").write_text(text)
    return load_effective(PolicyOptions(policy=str(tmp_path / "policy.yml")), no_objects, Fences.of("."))[0]


def test_every_key_shows_as_what_it_reads(tmp_path: Path) -> None:
    import yaml

    text = """
fail-on: none
max-findings: {high: 5, critical: 0}
max-epss: 0.25
undefined-as: high
package-managers: {exclude: [os]}
baseline: latest
always-refuse: [{package: xz, reason: backdoor}]
exceptions:
  - {vulnerability: CVE-1, versions: '<3', reason: r, owner: o, until: 2026-12-31, until-fixed: true}
strict-exceptions: [unused, expired]
"""
    first = effective(tmp_path, text)
    shown = {key.name: key.show(first.values[key.name].value) for key in KEYS if key.name in first.values}
    second = effective(tmp_path, yaml.safe_dump(shown))
    for name, given_first in first.values.items():
        again = key_without_place(second.values[name].value)
        assert again == key_without_place(given_first.value), name


def key_without_place(value: Any) -> Any:
    from dataclasses import replace

    return tuple(replace(one, where="") for one in value) if isinstance(value, tuple) else value


def test_a_severity_that_is_named_twice_is_a_mistake_in_any_case(tmp_path: Path) -> None:
    assert problems(tmp_path, "max-findings: {high: 0, HIGH: 50}") == [
        "policy.yml, line 1, max-findings: high is named twice"
    ]


def test_settings_beside_the_policy_in_ecr_push_yml_are_settings(tmp_path: Path) -> None:
    (tmp_path / "ecr-push.yml").write_text("baseline: latest\npolicy:\n  max-cvss: 5\n", encoding="utf-8")
    assert (
        load_policy(PolicyOptions(policy=str(tmp_path / "ecr-push.yml")), no_objects, Fences.of(".")).max_cvss
        == 5
    )
    # Of another's ecr-push.yml the policy alone is extended.
    assert problems(tmp_path, "extends: ecr-push.yml") == [
        "ecr-push.yml, line 1, baseline: has no effect outside of 'policy:': move it below that key"
    ]
