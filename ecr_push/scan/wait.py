"""PushedImage -> ScanReport: one state machine for basic and enhanced scanning.

The SDK's own waiter does not help: it treats ScanNotFound as an error, and never ends with ACTIVE. Here every
status of the API has a meaning (`state`), and an unknown status is not a result. `pace` decides when to ask
next, `image` what the responses about one image mean.

The wait is a generator that yields its pauses, so that a simulation can run thousands of waits at once;
`await_scan` sleeps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecr_push.base.clock import Clock
from ecr_push.base.errors import RegistryError, ScanError
from ecr_push.base.log import Narrator
from ecr_push.base.severity import Severity
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import RepositoryClient, ScanMode, Scanning
from ecr_push.registry.scan_api import Heard, ScanEvents
from ecr_push.scan.findings import PlatformScan, ScanReport
from ecr_push.scan.image import ImageScan
from ecr_push.scan.pace import Pace
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.turns import Pause, Turns, Wait

# ReceiveMessage waits for whole seconds.
LISTENING_SECONDS = 1.0


def await_scan(
    images: Sequence[PlatformImage],
    client: RepositoryClient,
    scanning: Scanning,
    plan: ScanPlan,
    clock: Clock,
    narrator: Narrator,
) -> ScanReport:
    """Waits until every image has a scan result.

    Raises ScanError if a scan fails or has no result in time, or if an image cannot be scanned, unless the
    plan only warns about that. Raises RegistryError if AWS cannot be reached or refuses.
    """
    wait = wait_for_scan(images, client, scanning, plan, clock, narrator)
    listens = plan.events_queue and scanning.mode != "none"
    events = client.scans.events(plan.events_queue) if listens else None
    try:
        pause = next(wait)
        while True:
            heard = None
            if events:
                events, heard = _listen(events, pause, clock, narrator)
            else:
                clock.sleep(pause.seconds)
            pause = wait.send(heard)
    except StopIteration as done:
        report: ScanReport = done.value
        return report


def _listen(
    events: ScanEvents, pause: Pause, clock: Clock, narrator: Narrator
) -> tuple[ScanEvents | None, Heard | None]:
    """Waits for the pause while listening to the queue; on failure falls back to polling."""
    if not pause.digests or pause.seconds < LISTENING_SECONDS:
        clock.sleep(pause.seconds)
        return events, Heard()
    try:
        return events, events.listen(pause.digests, pause.seconds)
    except RegistryError as error:
        narrator.warn(f"could not read the event queue, polling ECR instead: {error.what}: {error.why}")
        return None, None


def wait_for_scan(
    images: Sequence[PlatformImage],
    client: RepositoryClient,
    scanning: Scanning,
    plan: ScanPlan,
    clock: Clock,
    narrator: Narrator,
    pace: Pace | None = None,
) -> Wait:
    """Yields the pauses of the wait, returns the report. Raises as `await_scan` does."""
    if not images:
        raise ScanError(
            "there is no image to scan",
            why="the name refers to a signature, an attestation or another artifact",
            remedy="name the image that it belongs to",
        )
    if plan.epss:
        from ecr_push.scan.epss import Epss, check_epss

        check_epss(scanning)
    scans = [ImageScan(image, client, scanning, plan, clock, narrator) for image in images]
    turns = Turns(scans, plan, pace or Pace(clock.monotonic()), clock, narrator)
    answers = yield from turns.until_answered()
    platforms = [answers[image] for image in images]
    if plan.epss:
        for place, platform in enumerate(platforms):
            epss = Epss(client, platform)
            platforms[place] = yield from turns.until_read(epss.read, "reading EPSS from Inspector")
    return ScanReport(_mode(scanning, scans), tuple(platforms))


def _mode(scanning: Scanning, scans: Sequence[ImageScan]) -> ScanMode:
    """Returns the registry's setting; if we may not read it, the kind that the results show."""
    if scanning.mode != "unknown":
        return scanning.mode
    return next((scan.kind for scan in scans if scan.kind != "unknown"), "unknown")


def found_text(scan: PlatformScan) -> str:
    """Returns the numbers of findings on a platform, or `not scanned`."""
    return "not scanned" if scan.unscannable else counts_text(scan.counts)


def counts_text(counts: Mapping[Severity, int]) -> str:
    """Returns `2 CRITICAL, 1 LOW`, worst first; `no findings` if there are none."""
    return ", ".join(f"{number} {severity}" for severity, number in counts.items() if number) or "no findings"
