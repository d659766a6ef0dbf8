"""Which findings are excluded from the count (exceptions, VEX, scopes, baseline), and which never are.

A finding may name several packages. It is excluded only if each of them is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date

from ecr_push.policy.comparison import BaseImage, Baseline
from ecr_push.policy.entry_index import EntryIndex, NearMisses
from ecr_push.policy.finding_pattern import matches_glob, names_of, own_name, packages_of
from ecr_push.policy.model import Policy, PolicyException, Scope
from ecr_push.policy.verdict import ExceptionResult, ExceptionState, Treatment
from ecr_push.policy.vex import Statement, Subject
from ecr_push.registry.interface import ScanMode
from ecr_push.scan.findings import Finding, Package, PlatformScan

Exclusion = tuple[Treatment, str]
# If the packages of a finding have different treatments, the first in this order applies.
_ORDER = tuple(Treatment)


class Exemptions:
    """A policy's exceptions, indexed for many findings; records which of them matched."""

    def __init__(
        self,
        policy: Policy,
        today: date,
        mode: ScanMode,
        baseline: Baseline | None,
        base: BaseImage | None,
        subject: Subject,
    ) -> None:
        self._policy = policy
        self._today = today
        self._mode = mode
        self._baseline = baseline
        self._base = base
        self._subject = subject
        self._matched: defaultdict[int, int] = defaultdict(int)
        self._applied: set[int] = set()
        self._used_statements: defaultdict[int, int] = defaultdict(int)
        self._statements_on_image: set[int] = set()
        self._limits: defaultdict[int, dict[str, None]] = defaultdict(dict)
        self._exceptions = EntryIndex(
            (one.what.vulnerability, one.what.package, at) for at, one in enumerate(policy.exceptions)
        )
        self._always = EntryIndex(
            (one.what.vulnerability, one.what.package, at) for at, one in enumerate(policy.always_refuse)
        )
        self._near_misses = NearMisses(
            [
                *((f"exception {one.what} ({one.where})", one.what) for one in policy.exceptions),
                *((f"always-refuse {one.what} ({one.where})", one.what) for one in policy.always_refuse),
            ]
        )
        self._statements = EntryIndex(
            (name, "", at) for at, one in enumerate(policy.vex) for name in one.names
        )

    def always_refused_reason(self, finding: Finding, platform: str) -> str:
        """Returns why this finding is always refused; "" if it is not.

        An unknown package or version counts as a match.
        """
        if not self._policy.always_refuse:
            return ""
        names = names_of(finding)
        for package in packages_of(finding):
            for at in self._always.of(names, package.name) if package.name else self._always.all():
                entry = self._policy.always_refuse[at]
                if entry.what.covers(names, package, platform, unknown_matches=True):
                    reason = f": {entry.reason}" if entry.reason else ""
                    return f"always refused: {entry.what}{reason} ({entry.where})"
        return ""

    def exclusion_for(self, finding: Finding, scan: PlatformScan) -> Exclusion | None:
        """Returns what excludes a finding, with the reason in words; None if it counts."""
        names = names_of(finding)
        self._near_misses.look(names, finding, scan.platform)
        touched: set[int] = set()
        parts = [
            self._excepted(finding, names, package, scan.platform, touched)
            or self._not_affected(finding, names, package, scan)
            or self._out_of_scope(finding, package, scan.platform)
            or self._known(finding, package, scan.platform)
            for package in packages_of(finding)
        ]
        for at in touched:
            self._matched[at] += 1
        if any(part is None for part in parts):
            return None
        exclusion = [part for part in parts if part is not None]
        treatment = min((one[0] for one in exclusion), key=_ORDER.index)
        return treatment, "; ".join(dict.fromkeys(by for _, by in exclusion))

    def _excepted(
        self, finding: Finding, names: Collection[str], package: Package, platform: str, touched: set[int]
    ) -> Exclusion | None:
        found = None
        for at in self._exceptions.of(names, package.name):
            exception = self._policy.exceptions[at]
            if not exception.what.covers(names, package, platform):
                continue
            touched.add(at)
            if exception.until is not None and self._today > exception.until:
                continue
            if exception.until_fixed and _fixed(finding, package):
                continue
            self._applied.add(at)
            found = found or (Treatment.EXCEPTED, _exception_text(exception))
        return found

    def _not_affected(
        self, finding: Finding, names: Collection[str], package: Package, scan: PlatformScan
    ) -> Exclusion | None:
        latest: tuple[float, bool, int] | None = None
        for at in self._statements.of(names, "") if self._policy.vex else ():
            statement = self._policy.vex[at]
            if own_name(finding) not in statement.names and statement.names[0] not in names:
                continue  # they only share the name of an advisory, which may cover several vulnerabilities
            if statement.covers(package, self._subject, scan.digest.value, scan.platform):
                # Of two statements with the same time, the one that does not exclude wins.
                latest = max(
                    latest or (float("-inf"), False, -1), (statement.order, not statement.excludes, at)
                )
            elif limits := statement.limits(package, self._subject, scan.digest.value, scan.platform):
                self._limits[at].update(dict.fromkeys(limits))
        if latest is None:
            return None
        self._used_statements[latest[2]] += 1
        statement = self._policy.vex[latest[2]]
        return (
            (Treatment.NOT_AFFECTED, f"VEX: {statement} ({statement.where})") if statement.excludes else None
        )

    def _out_of_scope(self, finding: Finding, package: Package, platform: str) -> Exclusion | None:
        policy = self._policy
        if policy.fixable_only and finding.fixable is False:
            return Treatment.OUT_OF_SCOPE, "fixable-only: no fix is known"
        manager = package.manager.upper() or ("OS" if self._mode == "basic" else "")
        if manager and _outside(policy.package_managers, lambda one: one == manager):
            return Treatment.OUT_OF_SCOPE, f"package-managers: {manager.lower()} is not in scope"
        if package.path and _outside(policy.paths, lambda glob: matches_glob(glob, package.path)):
            return Treatment.OUT_OF_SCOPE, f"paths: {package.path} is not in scope"
        if policy.layers != "all" and self._base is not None:
            from_base = self._base.contains(own_name(finding), package, platform)
            if from_base and policy.layers == "own":
                return Treatment.OUT_OF_SCOPE, f"layers: it is from the base image {self._base.name}"
            if from_base is False and policy.layers == "base":
                return Treatment.OUT_OF_SCOPE, f"layers: it is not from the base image {self._base.name}"
        return None

    def _known(self, finding: Finding, package: Package, platform: str) -> Exclusion | None:
        if self._baseline is None:
            return None
        if (own_name(finding), package.name) in self._baseline.of(platform):
            return Treatment.KNOWN, f"baseline: {self._baseline.name} also has it"
        return None

    def note_image(self, scan: PlatformScan) -> None:
        """Records which VEX statements name this image, whether or not it has the vulnerability."""
        for at, one in enumerate(self._policy.vex):
            if one.names_image(self._subject, scan.digest.value, scan.platform):
                self._statements_on_image.add(at)

    def remarks(self) -> Iterable[str]:
        """Says of entries why they did not apply where a user may think that they do: those whose package
        differs in capital letters alone, and VEX statements whose product's qualifiers limit them."""
        yield from self._near_misses.texts()
        for at, qualifiers in self._limits.items():
            if not self._used_statements[at]:
                one = self._policy.vex[at]
                yield (
                    f"VEX: {one} ({one.where}) was not applied: it is limited to {', '.join(qualifiers)}, "
                    "which does not match this image or cannot be compared with its scan"
                )

    def results(self) -> tuple[ExceptionResult, ...]:
        """Returns the state of every exception, and of every VEX statement about this image or used on it."""
        exceptions = [self._result(at, one) for at, one in enumerate(self._policy.exceptions)]
        statements = [
            _statement_result(one, self._used_statements[at])
            for at, one in enumerate(self._policy.vex)
            if at in self._statements_on_image or self._used_statements[at]
        ]
        return (*exceptions, *statements)

    def _result(self, at: int, one: PolicyException) -> ExceptionResult:
        state: ExceptionState = "used"
        if one.until is not None and self._today > one.until:
            state = "expired"
        elif not self._matched[at]:
            state = "unused"
        elif at not in self._applied:
            state = "outgrown"
        until = one.until.isoformat() if one.until else ""
        return ExceptionResult(
            str(one.what), state, one.reason, one.owner, until, self._matched[at], one.where, one.central
        )


def _fixed(finding: Finding, package: Package) -> bool:
    """Whether a fix is known for this package; basic scanning never reports one."""
    return bool(package.fixed_in) or finding.fix == "YES"


def _outside(scope: Scope, matches: Callable[[str], bool]) -> bool:
    return bool(scope.include and not any(map(matches, scope.include))) or any(map(matches, scope.exclude))


def _exception_text(one: PolicyException) -> str:
    until = f" until {one.until.isoformat()}" if one.until else ""
    fixed = " until a fix is available" if one.until_fixed else ""
    owner = f", {one.owner}" if one.owner else ""
    return f"exception {one.what}{until}{fixed}{owner} ({one.where})"


def _statement_result(one: Statement, matched: int) -> ExceptionResult:
    return ExceptionResult(
        f"VEX: {one}",
        "used" if matched else "unused",
        one.note,
        one.author,
        "",
        matched,
        one.where,
    )
