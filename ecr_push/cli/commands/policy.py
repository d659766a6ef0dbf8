"""`ecr-push policy test` and `policy show`: a policy before it goes live."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TextIO

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.reference import Repository
from ecr_push.pipeline.run import Tools
from ecr_push.policy.comparison_read import begin_comparing
from ecr_push.policy.judge import judge, utc_date
from ecr_push.policy.keys import KEYS
from ecr_push.policy.load import load_effective
from ecr_push.policy.model import Policy
from ecr_push.policy.verdict import Verdict
from ecr_push.policy.vex import Subject
from ecr_push.registry.image import PushedImage, describe_pushed
from ecr_push.registry.interface import RegistryImage, RepositoryClient, Scanning
from ecr_push.registry.target import find_target
from ecr_push.report.escape import json_text, log_line
from ecr_push.scan.answers import read_answer
from ecr_push.scan.epss import Epss, check_epss
from ecr_push.scan.findings import ScanReport
from ecr_push.settings.declare import Settings

AT_ONCE = 8


@dataclass(frozen=True)
class Tried:
    """One image under the new policy and under the present one; `no answer` has neither verdict."""

    image: RegistryImage
    new: Verdict | None = None
    now: Verdict | None = None
    why: str = ""

    @property
    def change(self) -> str:
        if self.new is None or self.now is None or self.new.accepted == self.now.accepted:
            return ""
        return "accepted before" if self.now.accepted else "refused before"


def test_policy(last: int, new: Settings, now: Settings, tools: Tools, stdout: TextIO) -> int:
    """Prints a line for each recent image. Raises SettingsError, RegistryError."""
    tools.narrator.phase("policy")
    policies = [load_effective(one, tools.read_object)[1] for one in (new, now)]
    client = tools.open_repository(find_target(new.repository, new.region, new.registry_id))
    state = client.describe()
    if state is None:
        raise RegistryError(
            f"there is no repository {new.repository}", remedy="check --repository and --region"
        )
    scanning = client.scanning()
    images = sorted(client.images(), key=lambda one: one.pushed_at, reverse=True)[:last]
    today = utc_date(tools.clock.now())
    tried: list[Tried] = []
    for begin in range(0, len(images), AT_ONCE):
        futures = [
            background.start(
                partial(_try, image, state.repository, policies, client, scanning, tools, today),
                "judge image",
            )
            for image in images[begin : begin + AT_ONCE]
        ]
        tried += [one.result() for one in futures]
    tools.narrator.close()
    compared = policies[0] != policies[1]
    stdout.write(_json(tried) if new.output == "json" else _table(tried, compared=compared))
    stdout.flush()
    return 0


def _try(
    image: RegistryImage,
    repository: Repository,
    policies: Sequence[Policy],
    client: RepositoryClient,
    scanning: Scanning,
    tools: Tools,
    today: date,
) -> Tried:
    try:
        pushed = describe_pushed(repository, client.manifest(image.digest), client.manifest, reused=True)
        scans = [
            read_answer(client.scan_answer(one.digest), one.digest, one.platform) for one in pushed.images
        ]
        if any(policy.max_epss is not None for policy in policies):
            check_epss(scanning)
            scans = [Epss(client, one).read() for one in scans]
        report = ScanReport(scanning.mode, tuple(scans))
    except EcrPushError as error:
        return Tried(image, why=f"{error.what}: {error.why}" if error.why else error.what)
    new, now = (_judge(report, policy, pushed, client, tools, today) for policy in policies)
    return Tried(image, new, now)


def _judge(
    report: ScanReport,
    policy: Policy,
    pushed: PushedImage,
    client: RepositoryClient,
    tools: Tools,
    today: date,
) -> Verdict:
    baseline, base = begin_comparing(policy, pushed, client, tools.open_repository).results()
    subject = Subject(pushed.repository.uri, pushed.digest.value)
    return judge(report, policy, today=today, baseline=baseline, base=base, subject=subject)


def _table(tried: Sequence[Tried], *, compared: bool) -> str:
    rows = [("IMAGE", "PUSHED", "VERDICT", *(["CHANGE"] if compared else []), "WHY")]
    for one in tried:
        word = "no answer" if one.new is None else "accepted" if one.new.accepted else "REFUSED"
        tags = sorted(one.image.tags)
        name = ", ".join(tags[:2]) + (" …" if len(tags) > 2 else "")
        change = [one.change or "-"] if compared else []
        rows.append((name, one.image.pushed_at.date().isoformat(), word, *change, _why(one)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    ]
    lines += ["", *_summary(tried, compared=compared)]
    return "\n".join(log_line(line) for line in lines) + "\n"


def _why(one: Tried) -> str:
    if one.new is None:
        return " ".join(one.why.split())
    broken = [f"{rule.rule}: {rule.counted}" for rule in one.new.broken]
    return "; ".join(dict.fromkeys((*broken, *one.new.errors)))


def _summary(tried: Sequence[Tried], *, compared: bool) -> Iterable[str]:
    if not tried:
        yield "The repository has no tagged image."
        return
    judged = [one.new for one in tried if one.new]
    accepted = sum(one.accepted for one in judged)
    yield (
        f"{accepted} of {len(tried)} images would be accepted, {len(judged) - accepted} refused, "
        f"{len(tried) - len(judged)} have no answer."
    )
    if compared:
        stricter = sum(one.change == "accepted before" for one in tried)
        milder = sum(one.change == "refused before" for one in tried)
        yield f"Against the present policy {stricter} would be newly refused, {milder} newly accepted."


def _json(tried: Sequence[Tried]) -> str:
    images = [
        {
            "digest": one.image.digest.value,
            "tags": sorted(one.image.tags),
            "pushedAt": one.image.pushed_at.isoformat(),
            "accepted": one.new.accepted if one.new else None,
            "acceptedBefore": one.now.accepted if one.now else None,
            "why": _why(one) or None,
        }
        for one in tried
    ]
    return json_text({"images": images})


def show_policy(settings: Settings, tools: Tools, stdout: TextIO) -> int:
    """Prints what holds as YAML that is itself a policy, each key with where it comes from."""
    effective, _ = load_effective(settings, tools.read_object)
    tools.narrator.close()
    for key in KEYS:
        given = effective.values.get(key.name)
        origin = given.origin if given else "the default"
        lock = effective.locked.get(key.name)
        locked = f"; locked by {lock}" if lock and lock != origin else "; locked" if lock else ""
        shown = key.show(given.value if given else key.default)
        stdout.write(f"{key.name}: {_yaml(shown)}  # {origin}{locked}\n")
    stdout.flush()
    return 0


def _yaml(value: Any) -> str:
    """A value on one line; JSON is YAML."""
    if isinstance(value, str) and value.replace("-", "").isalnum() and not value[0].isdigit():
        return value
    return json.dumps(value, ensure_ascii=False)
