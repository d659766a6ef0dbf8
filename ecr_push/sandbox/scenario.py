"""A scenario: the faults and delays of the sandbox. One YAML (or JSON) mapping, every key optional:

    latency:                      # seconds before the response; "*" is every operation not named
      api: {"*": 0.15, PutImage: 0.4}
      v2: 0.01                    # short for {"*": 0.01}
    faults:                       # in this order: the first that applies decides
      - operation: PutImage       # an API operation, or "*" (the default)
        error: ThrottlingException
        message: Rate exceeded    # optional
        skip: 1                   # the first request passes … (default 0)
        times: 2                  # … the next two fail (default 1), or `always`
      - {plane: v2, operation: PutManifest, status: 503}    # of the data plane; distribution.OPERATIONS
      - {plane: v2, status: 429, retry-after: 2}            # with the header Retry-After, in seconds
      - {operation: DescribeImages, drop: before}   # connection closed, request not executed
      - {operation: PutImage, drop: during}         # executed, but the response is cut off
      - {operation: PutImage, hold: before}         # waits, not executed, until another scenario is set
      - {operation: PutImage, hold: after}          # executed; its response waits
    token:
      life: 2                     # seconds that a registry token lives; 12 h without this
    scan:
      delay: 3                    # seconds from PENDING to the result
      statuses:                   # the responses of DescribeImageScanFindings, in order:
        - ScanNotFound            # a name alone lasts for one request
        - PENDING: 1.5            # with a number it lasts for so many seconds
        - COMPLETE                # the last one stays
      description: why it failed  # the status's description
      findings: late              # COMPLETE (or ACTIVE) comes first without findings; `never`: always without
                                  # findings
      epss: {CVE-2020-14343: 0.9} # reported by Inspector; unknown for all others
      restart: 86400              # seconds between two StartImageScan of one image; 0: no limit
    quirks: [no-referrers, no-mounts]   # what ECR does beside its documentation; see `quirks`
    quotas: ecr                   # ECR's own, or requests in a second by action: {PutImage: 10}; see `quotas`
    iam:                          # who may call what: see permissions/setup.py
      principals: []              # policies are written here, since a scenario reads no files
    replication:
      delay: 3                    # seconds from a push until it is in the destination
      failure: AccessDenied       # what does not arrive, and why
      region: us-east-1           # the destination that both are about; all without

Without `scan.statuses` the scanner's own course applies: pending, in progress, then its result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

import yaml

from ecr_push.base.suggest import did_you_mean
from ecr_push.sandbox.checker import Checker, written_size
from ecr_push.sandbox.permissions.setup import read_setup
from ecr_push.sandbox.quirks import QUIRKS
from ecr_push.sandbox.quotas import PUBLISHED
from ecr_push.sandbox.replication.model import ReplicationScenario
from ecr_push.sandbox.scenario_model import (
    ALWAYS,
    ANY,
    PLANES,
    SCAN_STATUSES,
    Drop,
    Fault,
    Hold,
    Plane,
    ScanScenario,
    ScanStep,
    Scenario,
    SigningScenario,
)

_MAX_VALUES = 20_000


class ScenarioError(ValueError):
    """A scenario is not valid. Carries every problem."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("the scenario is not valid:\n" + "\n".join(f"- {problem}" for problem in problems))
        self.problems = problems


def parse_scenario(text: str | bytes) -> Scenario:
    """Parses a scenario from YAML or JSON. Raises ScenarioError with every problem."""
    try:
        document = yaml.safe_load(text)
        size = written_size(document, {})
    except (yaml.YAMLError, ValueError) as error:
        raise ScenarioError((f"not valid YAML: {' '.join(str(error).split())}",)) from None
    except RecursionError:
        raise ScenarioError(("not valid YAML: nested too deeply",)) from None
    if size > _MAX_VALUES:
        raise ScenarioError((f"more than {_MAX_VALUES:,} values, those behind aliases included",))
    reader = _Reader("the scenario")
    scenario = reader.scenario(document)
    if reader.problems:
        raise ScenarioError(tuple(reader.problems))
    return scenario


_KEYS = (
    *("latency", "faults", "token", "scan", "signing"),
    *("quirks", "quotas", "iam", "replication"),
)
_OF_A_FAULT = (
    *("plane", "operation", "skip", "times"),
    *("error", "status", "message", "retry-after", "drop", "hold"),
)


class _Reader(Checker):
    """Collects every problem while it reads, so that one run reports them all."""

    def scenario(self, document: Any) -> Scenario:
        entries = self.mapping("", document, _KEYS)
        token = self.mapping("token", entries.get("token"), ("life",))
        return Scenario(
            latency=self.latency(entries.get("latency")),
            faults=tuple(self.faults(entries.get("faults"))),
            token_life=self.seconds("token.life", token.get("life")),
            scan=self.scan(entries.get("scan")),
            signing=self.signing(entries.get("signing")),
            quirks=frozenset(self.quirks(entries.get("quirks"))),
            quotas=self.quotas(entries.get("quotas")),
            iam=read_setup(self, "iam", entries["iam"], None) if "iam" in entries else None,
            replication=self.replication(entries.get("replication")),
            document=entries,
        )

    def latency(self, value: Any) -> dict[Plane, dict[str, float]]:
        planes = self.mapping("latency", value, PLANES)
        latency: dict[Plane, dict[str, float]] = {}
        for plane in PLANES:
            operations = planes.get(plane, {})
            if not isinstance(operations, dict):
                operations = {ANY: operations}
            latency[plane] = {
                self.operation(f"latency.{plane}", plane, name): self.seconds(
                    f"latency.{plane}.{name}", number
                )
                or 0.0
                for name, number in operations.items()
            }
        return latency

    def faults(self, value: Any) -> Iterator[Fault]:
        for index, item in enumerate(self.items("faults", value)):
            where = f"faults[{index}]"
            entry = self.mapping(where, item, _OF_A_FAULT)
            plane: Plane = self.choice(f"{where}.plane", entry.get("plane", "api"), PLANES) or "api"
            if not entry.keys() & {"error", "status", "drop", "hold"}:
                self.problem(where, "has no effect: expected error, status, drop or hold")
            yield Fault(
                plane=plane,
                operation=self.operation(where, plane, entry.get("operation", ANY)),
                skip=self.count(f"{where}.skip", entry.get("skip", 0)),
                times=ALWAYS
                if entry.get("times") == "always"
                else self.count(f"{where}.times", entry.get("times", 1)),
                status=self.http_status(f"{where}.status", entry.get("status")),
                code=self.text(f"{where}.error", entry.get("error")) or None,
                message=self.text(f"{where}.message", entry.get("message")),
                retry_after=self.count(f"{where}.retry-after", entry.get("retry-after", 0)),
                drop=self.choice(f"{where}.drop", entry.get("drop", ""), get_args(Drop)) or "",
                hold=self.choice(f"{where}.hold", entry.get("hold", ""), get_args(Hold)) or "",
            )

    def scan(self, value: Any) -> ScanScenario:
        names = ("delay", "statuses", "description", "findings", "epss", "restart")
        entry = self.mapping("scan", value, names)
        findings = self.choice("scan.findings", entry.get("findings", "prompt"), ("prompt", "late", "never"))
        scan = ScanScenario(
            delay=self.seconds("scan.delay", entry.get("delay")),
            statuses=tuple(self.steps(entry.get("statuses"))),
            description=self.text("scan.description", entry.get("description")),
            late_findings=findings == "late",
            no_findings=findings == "never",
            epss=self.shares("scan.epss", entry.get("epss")),
        )
        restart = self.seconds("scan.restart", entry.get("restart"))
        return scan if restart is None else replace(scan, restart_after=restart)

    def signing(self, value: Any) -> SigningScenario:
        entry = self.mapping("signing", value, ("delay", "failure", "reason"))
        return SigningScenario(
            self.seconds("signing.delay", entry.get("delay")) or 0.0,
            self.text("signing.failure", entry.get("failure")),
            self.text("signing.reason", entry.get("reason")),
        )

    def quirks(self, value: Any) -> Iterator[str]:
        for index, item in enumerate(self.items("quirks", value)):
            yield self.choice(f"quirks[{index}]", item, QUIRKS) or ""

    def quotas(self, value: Any) -> Mapping[str, int]:
        if value == "ecr":
            return PUBLISHED
        if value is not None and not isinstance(value, dict):
            self.problem("quotas", f"is {value!r}: expected `ecr`, or requests in a second by action")
            return {}
        return {
            self.operation("quotas", "api", name): self.count(f"quotas.{name}", rate)
            for name, rate in (value or {}).items()
        }

    def replication(self, value: Any) -> ReplicationScenario:
        entry = self.mapping("replication", value, ("delay", "failure", "region"))
        return ReplicationScenario(
            self.seconds("replication.delay", entry.get("delay")) or 0.0,
            self.text("replication.failure", entry.get("failure")),
            self.text("replication.region", entry.get("region")),
        )

    def steps(self, value: Any) -> Iterator[ScanStep]:
        for index, item in enumerate(self.items("scan.statuses", value)):
            where = f"scan.statuses[{index}]"
            name, number = item, None
            if isinstance(item, dict) and len(item) == 1:
                [(name, number)] = item.items()
            status = self.choice(where, name, SCAN_STATUSES)
            yield ScanStep(status or "", self.seconds(where, number))

    def operation(self, where: str, plane: Plane, name: Any) -> str:
        known = _operations(plane)
        if name != ANY and (not isinstance(name, str) or name not in known):
            self.problem(where, f"is not an operation of {plane}: {name!r}{did_you_mean(str(name), known)}")
        return str(name)


def _operations(plane: Plane) -> tuple[str, ...]:
    """The operations of a plane. Imported here because both planes import the faults."""
    if plane == "api":
        from ecr_push.sandbox.protocol import operation_names

        return operation_names()
    from ecr_push.sandbox.distribution import OPERATIONS

    return OPERATIONS
