"""Sessions of the AWS SDK, roles, and clients with their timeouts and retries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import AuthenticationError
from ecr_push.registry.aws.answer_check import check_answer
from ecr_push.registry.aws.configuration import AwsSettingsError
from ecr_push.registry.aws.errors import translated
from ecr_push.registry.aws.web_identity import WebIdentity, credentials

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 30
ATTEMPTS = 6


@dataclass(frozen=True)
class Endpoint:
    """An AWS on this machine, with the dummy credentials that it accepts.

    services: the URL of each service that is not at url, by the SDK's name of the service.
    """

    url: str
    access_key: str
    secret_key: str = field(repr=False)
    services: Mapping[str, str] = field(default_factory=dict, hash=False)

    def url_of(self, service: str) -> str:
        return self.services.get(service, self.url)


@dataclass(frozen=True)
class Access:
    """Whose credentials, and where. For empty fields the AWS SDK's own configuration applies.

    web_identity: replaces the SDK's own credentials; role is assumed with it.
    elsewhere:    why these credentials do not work there, in words; "" for no reason that is known.
    on_secret:    called with every secret that STS issues for role, before its first use.
    """

    region: str = ""
    profile: str = ""
    role: str = ""
    web_identity: WebIdentity | None = None
    endpoint: Endpoint | None = None
    fips: bool = False
    dual_stack: bool = False
    elsewhere: str = ""
    on_secret: Callable[[str], None] = lambda secret: None


class Aws:
    """Clients for one `Access`, created when they are needed. Thread-safe."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._lock = threading.Lock()
        self._session: Any = None
        self._pool: Any = None
        self._clients: dict[tuple[str, str, int], Any] = {}

    @property
    def region(self) -> str:
        """The region in effect. Raises AwsSettingsError where none is configured."""
        session = self._open()
        with translated():
            region = self._access.region or str(session.get_config_variable("region") or "")
        if not region:
            raise AwsSettingsError(
                "no AWS region is known",
                remedy="give --region, set AWS_REGION, name one in the profile, or give --repository as a "
                "whole URI",
            )
        return region

    @property
    def authorities(self) -> str:
        """The file of certificates that AWS_CA_BUNDLE, or the profile's ca_bundle, names; "" for none."""
        with translated():
            return str(self._open().get_config_variable("ca_bundle") or "")

    def environ(self, on_secret: Callable[[str], None]) -> dict[str, str]:
        """The credentials, as they are now, and the region, as the variables of every SDK of AWS's.

        Empty where there are none. on_secret: called with each secret among them. Raises as `client` does.
        """
        with translated():
            found = self._open().get_credentials()
            frozen = found.get_frozen_credentials() if found else None
        if frozen is None:
            return {}
        for secret in (frozen.secret_key, frozen.token):
            if secret:
                on_secret(secret)
        return {
            "AWS_ACCESS_KEY_ID": frozen.access_key,
            "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
            "AWS_SESSION_TOKEN": frozen.token or "",
            "AWS_REGION": self.region,
        }

    def client(self, service: str, *, region: str = "", attempts: int = ATTEMPTS) -> Any:
        """Return a client of the SDK; attempts includes the first one. Raises as `translated` does."""
        from botocore.config import Config

        session = self._open()
        where = region or self.region
        with self._lock, translated():
            key = (service, where, attempts)
            if key not in self._clients:
                endpoint = self._access.endpoint
                client = session.create_client(
                    service,
                    region_name=where,
                    endpoint_url=endpoint.url_of(service) if endpoint else None,
                    config=Config(
                        retries={"mode": "standard", "total_max_attempts": attempts},
                        connect_timeout=CONNECT_TIMEOUT_SECONDS,
                        read_timeout=READ_TIMEOUT_SECONDS,
                        max_pool_connections=16,
                        # False would override the user's own AWS configuration.
                        use_fips_endpoint=self._access.fips or None,
                        use_dualstack_endpoint=self._access.dual_stack or None,
                        user_agent_extra="ecr-push",
                    ),
                )
                client.meta.events.register("before-parse", check_answer)
                # One pool of connections: a host's certificate is checked once, not once a client.
                self._pool = self._pool or client._endpoint.http_session
                client._endpoint.http_session = self._pool
                self._clients[key] = client
            return self._clients[key]

    def _open(self) -> Any:
        with self._lock:
            if self._session is None:
                with translated():
                    self._session = _open_session(self._access)
            return self._session


def _open_session(access: Access) -> Any:
    from ecr_push.registry.aws.sdk_data import new_session

    if access.elsewhere:
        raise AuthenticationError(access.elsewhere, remedy="name a profile of that partition: profile=NAME")
    core = new_session(access.profile, access.region)
    if access.endpoint:
        core.set_credentials(access.endpoint.access_key, access.endpoint.secret_key)
        return core
    if access.web_identity:
        core._credentials = credentials(core, access.web_identity)
    if access.role:
        core._credentials = _assumed(core, access)
    return core


def _assumed(core: Any, access: Access) -> Any:
    """Return credentials of the role, which renew themselves: a build may outlive their hour."""
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    own = core.get_credentials()
    if own is None:
        raise AuthenticationError(
            f"there are no AWS credentials to assume {access.role} with",
            remedy="give the job a role of its own, or name a --profile",
        )
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=core.create_client,
        source_credentials=own,
        role_arn=access.role,
        extra_args={"RoleSessionName": "ecr-push"},
    )

    def fetch() -> Any:
        issued = fetcher.fetch_credentials()
        for name in ("secret_key", "token"):
            access.on_secret(issued[name])
        return issued

    return DeferredRefreshableCredentials(fetch, "assume-role")
