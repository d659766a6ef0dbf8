"""The only door to boto3: sessions, roles, and clients with their timeouts and retries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecr_push.base.errors import AuthenticationError
from ecr_push.registry.aws.errors import AwsSettingsError, translated
from ecr_push.registry.aws.web_identity import WebIdentity, credentials

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 30
ATTEMPTS = 6


@dataclass(frozen=True)
class Endpoint:
    """An AWS on this machine, with the dummy credentials that it accepts.

    services: the URL of each service that is not at url, by boto3's name of the service.
    """

    url: str
    access_key: str
    secret_key: str = field(repr=False)
    services: Mapping[str, str] = field(default_factory=dict)

    def url_of(self, service: str) -> str:
        return self.services.get(service, self.url)


@dataclass(frozen=True)
class Access:
    """Whose credentials, and where. For empty fields the AWS SDK's own configuration applies.

    web_identity: replaces the SDK's own credentials; role is assumed with it.
    on_secret:    called with every secret that STS issues for role, before its first use.
    """

    region: str = ""
    profile: str = ""
    role: str = ""
    web_identity: WebIdentity | None = None
    endpoint: Endpoint | None = None
    fips: bool = False
    dual_stack: bool = False
    on_secret: Callable[[str], None] = lambda secret: None


class Aws:
    """Clients for one `Access`, created when they are needed. Thread-safe."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[tuple[str, str, int], Any] = {}

    @property
    def region(self) -> str:
        """The region in effect. Raises AwsSettingsError where none is configured."""
        session = self._open()
        with translated():
            region = self._access.region or str(session.region_name or "")
        if not region:
            raise AwsSettingsError(
                "no AWS region is known",
                remedy="give --region, set AWS_REGION, name one in the profile, or give --repository as a "
                "whole URI",
            )
        return region

    def client(self, service: str, *, region: str = "", attempts: int = ATTEMPTS) -> Any:
        """Return a boto3 client; attempts includes the first one. Raises as `translated` does."""
        from botocore.config import Config

        session = self._open()
        where = region or self.region
        with self._lock, translated():
            key = (service, where, attempts)
            if key not in self._clients:
                endpoint = self._access.endpoint
                self._clients[key] = session.client(
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
            return self._clients[key]

    def _open(self) -> Any:
        with self._lock:
            if self._session is None:
                with translated():
                    self._session = _open_session(self._access)
            return self._session


def _open_session(access: Access) -> Any:
    import boto3

    if access.endpoint:
        return boto3.Session(
            aws_access_key_id=access.endpoint.access_key,
            aws_secret_access_key=access.endpoint.secret_key,
            region_name=access.region or None,
        )
    session = boto3.Session(profile_name=access.profile or None, region_name=access.region or None)
    if access.web_identity:
        session = _renewed(session, credentials(session._session, access.web_identity))
    return _assume(session, access) if access.role else session


def _assume(session: Any, access: Access) -> Any:
    """Return a session of the role. Its credentials renew themselves: a build may outlive their hour."""
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    core = session._session
    if core.get_credentials() is None:
        raise AuthenticationError(
            f"there are no AWS credentials to assume {access.role} with",
            remedy="give the job a role of its own, or name a --profile",
        )
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=core.create_client,
        source_credentials=core.get_credentials(),
        role_arn=access.role,
        extra_args={"RoleSessionName": "ecr-push"},
    )

    def fetch() -> Any:
        issued = fetcher.fetch_credentials()
        for name in ("secret_key", "token"):
            access.on_secret(issued[name])
        return issued

    return _renewed(session, DeferredRefreshableCredentials(fetch, "assume-role"))


def _renewed(session: Any, found: Any) -> Any:
    """Return a session in the same region with other credentials."""
    import boto3
    import botocore.session

    core = botocore.session.get_session()
    core._credentials = found
    core.set_config_variable("region", session.region_name)
    return boto3.Session(botocore_session=core)
