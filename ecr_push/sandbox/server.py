"""The whole sandbox: a state, its planes, two ports, and the environment that points clients to it."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.errors import SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.sandbox.access import TOKEN_VARIABLE, SteeringAccess, from_same_user, new_token
from ecr_push.sandbox.advisories import AdvisoryDatabase
from ecr_push.sandbox.app import Application
from ecr_push.sandbox.clock import SandboxClock
from ecr_push.sandbox.control import Control
from ecr_push.sandbox.distribution import DistributionApi
from ecr_push.sandbox.faults import Faults
from ecr_push.sandbox.guard import Guard
from ecr_push.sandbox.identity import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Identities
from ecr_push.sandbox.lifecycle_runs import LifecycleRuns
from ecr_push.sandbox.permissions.setup import Setup, parse_setup
from ecr_push.sandbox.regions import Regions
from ecr_push.sandbox.scan_rules import ScanType, scanning_configuration
from ecr_push.sandbox.scan_service import ScanService
from ecr_push.sandbox.scenario import ScenarioError, parse_scenario
from ecr_push.sandbox.scenario_model import Scenario
from ecr_push.sandbox.state import DEFAULT_ACCOUNT, DEFAULT_REGION, State
from ecr_push.sandbox.tokens import DEFAULT_LIFE, Tokens
from ecr_push.sandbox.transport import Listener, stop_all

_SCENARIO_BYTES = 1024 * 1024
# What a shell that uses a sandbox does without, so that its credentials have one source, the variables:
# Ansible's modules refuse two, and AWS's SDK for JavaScript warns of them.
UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")
# The console's default when enhanced scanning is turned on.
_ENHANCED_EVERYWHERE = {
    "scanType": "ENHANCED",
    "rules": [
        {
            "scanFrequency": "CONTINUOUS_SCAN",
            "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}],
        }
    ],
}


@dataclass(frozen=True)
class SandboxOptions:
    """How to run a sandbox. Ports 0: any that is free. Times in seconds.

    state_dir:   keeps the content; None: a temporary directory, removed with the sandbox.
    scan_type:   ENHANCED scans every repository continuously, until a client sets other rules. BASIC keeps
                 the rules of the state directory.
    scan_delay:  from a scan's request to its result, unless the scenario sets it.
    advisories:  directories of OSV files in addition to those that ship.
    scenario:    a file as scenario.py describes it.
    iam:         a file as permissions/setup.py describes it.
    folders:     make the temporary directory.
    same_user_steers:  a program of the sandbox's own user needs no secret to steer it.
    """

    port: int = 0
    public_port: int = 0
    state_dir: Path | None = None
    account: str = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION
    advisories: tuple[Path, ...] = ()
    scan_type: ScanType = "BASIC"
    scan_delay: float = 0.5
    token_life: float = DEFAULT_LIFE
    scenario: Path | None = None
    iam: Path | None = None
    same_user_steers: bool = False
    folders: PrivateFolders = field(default_factory=lambda: PrivateFolders({}))


class Sandbox:
    """An ECR on 127.0.0.1 for the length of the `with` block.

    Raises SettingsError on entry for a port in use, a state directory that is not valid or that another
    sandbox uses, and a scenario that is not valid.
    """

    state: State
    tokens: Tokens
    faults: Faults
    scans: ScanService
    guard: Guard
    host: str
    public_host: str

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions()
        self._undo = ExitStack()
        self.clock = SandboxClock()
        self.token = new_token()

    @property
    def url(self) -> str:
        """The private registry and the AWS API."""
        return f"http://{self.host}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point an AWS client to this sandbox only, with a profile of its own, so that the
        user's AWS_PROFILE has no effect; and the secret that steers it."""
        return {
            TOKEN_VARIABLE: self.token,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_SESSION_TOKEN": "",
            "AWS_REGION": self.options.region,
            "AWS_DEFAULT_REGION": self.options.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PROFILE": "default",
            "AWS_CONFIG_FILE": str(self._profile),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._profile),
        }

    @property
    def shell_environment(self) -> dict[str, str]:
        """The same for a shell, which can also unset what UNSET names."""
        return {name: value for name, value in self.environment.items() if name not in UNSET}

    def _profile_text(self) -> str:
        """The profile, with the keys: AWS's SDK for JavaScript does not read those of the environment where
        AWS_PROFILE is set, and with it amazon-ecr-login and the CDK.
        https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html"""
        return (
            f"[default]\nregion = {self.options.region}\naws_access_key_id = {ACCESS_KEY_ID}\n"
            f"aws_secret_access_key = {SECRET_ACCESS_KEY}\n"
        )

    def __enter__(self) -> Sandbox:
        with ExitStack() as undo:
            scratch = undo.enter_context(self.options.folders.made(large=True))
            self._profile = scratch / "aws"
            self._profile.write_text(self._profile_text())
            self._start(self.options.state_dir or scratch / "state", undo)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def _start(self, root: Path, undo: ExitStack) -> None:
        options = self.options
        self.faults = Faults(_scenario(options.scenario), self.clock)
        self._setup = _setup(options.iam)
        self.state = State(root, account=options.account, region=options.region, clock=self.clock)
        undo.callback(self.state.close)
        self.tokens = Tokens(self.clock, options.token_life)
        self.guard = Guard(self.state, self._setup_now)
        self.scans = self._scan_service()
        undo.callback(self.scans.close)
        listeners: list[Listener] = []
        undo.callback(stop_all, listeners)
        undo.callback(self.faults.stop)
        listeners += [_listen(options.port), _listen(options.public_port)]
        self.host, self.public_host = (listener.host for listener in listeners)
        self.state.hosts = {"private": self.host, "public": self.public_host}
        for listener, application in zip(listeners, self._applications(), strict=True):
            listener.serve(application)

    def _applications(self) -> tuple[Application, Application]:
        private = DistributionApi("private", self.state, self.tokens, self._quirks, self.guard)
        public = DistributionApi("public", self.state, self.tokens, self._quirks, self.guard)
        runs = LifecycleRuns(self.state, self.clock)
        same_user = from_same_user if self.options.same_user_steers else None
        access, public_access = (
            SteeringAccess(self.token, host, same_user) for host in (self.host, self.public_host)
        )
        return (
            Application(private, self.faults, runs, access, self._regions(), self.guard),
            Application(public, self.faults, runs, public_access, guard=self.guard),
        )

    def _quirks(self) -> frozenset[str]:
        return self.faults.scenario.quirks

    def _scan_service(self) -> ScanService:
        options, settings = self.options, self.state.settings
        if options.scan_type == "ENHANCED" and scanning_configuration(settings)["scanType"] != "ENHANCED":
            self.state.change_settings(extra={**settings.extra, "scanning": _ENHANCED_EVERYWHERE})
        advisories = AdvisoryDatabase(options.advisories)
        if options.advisories:
            advisories.load()  # the user's own: report their problems at the start, not in a scan
        return ScanService(
            self.state, advisories, scenario=lambda: self.faults.scenario.scan, delay=options.scan_delay
        )

    def _regions(self) -> Regions:
        return Regions(self._control(), self.state, self.faults, self._replica)

    def _replica(self, state: State) -> Control:
        """The AWS API of a registry that this one is replicated to, which scans nothing by itself."""
        state.hosts = self.state.hosts
        scans = ScanService(state, AdvisoryDatabase(), scenario=lambda: self.faults.scenario.scan)
        self._undo.callback(scans.close)
        identities = Identities(self.options.account, state.region, self.clock, self._setup_now)
        guard = Guard(state, self._setup_now)
        return Control(state, scans, self.tokens, self.faults, identities, guard)

    def _control(self) -> Control:
        options = self.options
        identities = Identities(options.account, options.region, self.clock, self._setup_now)
        return Control(self.state, self.scans, self.tokens, self.faults, identities, self.guard)

    def _setup_now(self) -> Setup | None:
        """The principals and policies of the scenario, else those of the start."""
        return self.faults.scenario.iam or self._setup


def serve_forever(options: SandboxOptions, announce: Callable[[Sandbox], None]) -> None:
    """Run a sandbox in the foreground until an exception, such as a signal handler's, ends it.

    announce is called once it serves requests.
    """
    with Sandbox(options) as sandbox:
        announce(sandbox)
        threading.Event().wait()


def _listen(port: int) -> Listener:
    try:
        return Listener(port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            problem = f"port {port} is in use: give another --port, or none for a free one"
        else:
            problem = f"could not listen on 127.0.0.1:{port}: {error.strerror or error}"
        raise SettingsError([problem]) from error


def _scenario(file: Path | None) -> Scenario | None:
    if file is None:
        return None
    try:
        return parse_scenario(read_bytes(file, _SCENARIO_BYTES, Fences.of("."), streams=True))
    except OSError as error:
        raise SettingsError([f"{file}: {error.strerror}"]) from error
    except ScenarioError as error:
        raise SettingsError([f"{file}: {problem}" for problem in error.problems]) from error


def _setup(file: Path | None) -> Setup | None:
    if file is None:
        return None

    def read(name: str) -> bytes:
        return read_bytes(file.parent / name, _SCENARIO_BYTES, Fences.of("."), streams=True)

    try:
        setup, problems = parse_setup(read_bytes(file, _SCENARIO_BYTES, Fences.of("."), streams=True), read)
    except OSError as error:
        raise SettingsError([f"{file}: {error.strerror}"]) from error
    if problems:
        raise SettingsError([f"{file}: {problem}" for problem in problems])
    return setup
