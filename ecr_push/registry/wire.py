"""HTTP to one repository over the OCI distribution API: connections that are kept, and the login.

The one door to urllib3.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol
from urllib.parse import unquote, urljoin, urlsplit

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Repository
from ecr_push.base.regex import lazy_regex
from ecr_push.registry.layer_api import Stream, TransferError

CONNECTIONS = 16
# Where a registry is, if that is not the name that images have.
_SERVERS = {"docker.io": "registry-1.docker.io"}
_CONNECTION = lazy_regex(r"^HTTPS?Connection(Pool)?\(host=[^)]*\): ")
_BLOCK = 256 * 1024  # bytes that are read and sent at a time


@dataclass(frozen=True)
class Patience:
    """How long a request waits for a registry.

    connect: seconds for a connection, and for a piece of a body on its way.
    answer:  seconds for an answer, and for a piece of its body.
    again: how often what may pass is asked again, after longer and longer pauses; 0 tries a connection that
           failed a second time, at once, and nothing else.
    """

    connect: float = 5.0
    answer: float = 30.0
    again: int = 4


PATIENT = Patience()
_SENDING = Patience(30.0, 300.0)  # a registry may check a large layer before it answers
# For what a run can do without.
HURRIED = Patience(connect=2.0, answer=5.0, again=0)


class Answer:
    """The answer to a request, whose body is read piece by piece."""

    def __init__(self, answer: Any, what: str) -> None:
        self._answer = answer
        self._what = what

    @property
    def status(self) -> int:
        found: int = self._answer.status
        return found

    def header(self, name: str) -> str:
        found: str = self._answer.headers.get(name, "")
        return found

    def read(self, amount: int = -1, /) -> bytes:
        """The next bytes of the body, at most so many; none at its end. Raises TransferError."""
        import urllib3

        # urllib3 1.26, which the SDK takes too, has no read1.
        read = getattr(self._answer, "read1", self._answer.read)
        try:
            piece: bytes = read(amount if amount >= 0 else None)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise TransferError(f"{self._what} ended in the middle", why=_text(error)) from error
        return piece

    def read_at_most(self, most: int) -> bytes:
        """The whole body. Raises TransferError, also for one of more bytes."""
        content = b""
        while piece := self.read(_BLOCK):
            content += piece
            if len(content) > most:
                raise TransferError(f"{self._what} has more than {most} bytes", status=502)
        return content


class Authorized(Protocol):
    """What a registry lets in."""

    @property
    def authorization(self) -> str: ...


class Wire:
    """Requests about one repository. Thread-safe.

    renew: replaces a login that the registry takes no longer.
    scheme: of the Authorization header: `Basic` for private registries and `Bearer` for ECR Public.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
    "" where the login has the whole header, which may be empty: then none is sent.
    authorities: a file of certificates in place of the system's, such as that of a proxy which reads along.
    patience: of reads; what is sent is waited for longer.
    """

    def __init__(
        self,
        repository: Callable[[], Repository],
        login: Callable[[], Authorized],
        renew: Callable[[Any], object],
        scheme: str,
        authorities: Callable[[], str] = str,
        patience: Patience = PATIENT,
    ) -> None:
        self._repository = repository
        self._login = login
        self._renew = renew
        self._patience = patience
        self._scheme = scheme
        self._lock = threading.Lock()
        self._authorities = authorities
        self._pools: dict[str, Any] = {}

    @contextmanager
    def asked(
        self,
        method: str,
        path: str,
        expected: tuple[int, ...],
        headers: Mapping[str, str] | None = None,
        *,
        body: Stream | None = None,
        patient: bool = False,
    ) -> Iterator[Answer]:
        """One request and its answer, whose body can be read meanwhile.

        path: below the repository, or a whole URL that the registry gave, which gets the login only on the
        registry's own host.
        patient: an answer that may be another one later is asked for again, after a pause.

        Raises TransferError for a status that is not expected, and where the connection ends.
        """
        import urllib3

        repository, login = self._repository(), self._login()
        try:
            url = urljoin(f"{_origin(repository)}/v2/{repository.name}/", path)
            is_own = urlsplit(url)[:2] == urlsplit(_origin(repository))[:2]
        except ValueError as error:
            raise TransferError(f"{repository} names an address that is none", why=_text(error)) from error
        header = f"{self._scheme} {login.authorization}".strip() if is_own else ""
        given = {"Authorization": header} if header else {}
        patience = self._patience if method in ("GET", "HEAD") else _SENDING
        what = f"{method} {path.partition('?')[0] if is_own else 'upload'} of {repository}"
        try:
            answer = self._pool(url, is_local=repository.registry.kind == "local").request(
                method,
                url,
                body=body,
                headers={**given, **(headers or {})},
                timeout=urllib3.Timeout(connect=patience.connect, read=patience.answer),
                # urllib3 drops the Authorization header when it follows the redirect to the blob's store.
                redirect=method == "GET",
                retries=_retries(method, self._patience.again if patient else None),
                preload_content=False,
                decode_content=False,
            )
        # http.client has errors of its own for lines that are none of HTTP.
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise TransferError(f"{what} failed", why=_text(error)) from error
        try:
            if answer.status not in expected:
                if is_own and answer.status in (401, 403):
                    self._renew(login)
                raise TransferError(
                    f"{what} was answered with HTTP {answer.status}",
                    why=_said(answer),
                    status=answer.status,
                    retry_after=_seconds(answer.headers.get("Retry-After", "")),
                )
            yield Answer(answer, what)
        finally:
            # A connection can be used again once its answer was read to the end.
            answer.drain_conn() if answer.length_remaining == 0 else answer.close()

    def reach(self) -> str:
        """Asks the registry's host for any answer at all. Returns the address of the proxy that was used,
        "" for none. Raises TransferError."""
        with self.asked("GET", "/v2/", (200, 401, 403)):
            repository = self._repository()
            return "" if repository.registry.kind == "local" else _proxy_of(_origin(repository))

    def _pool(self, url: str, *, is_local: bool) -> Any:
        """The connections to the host of url, through the proxy that HTTPS_PROXY and NO_PROXY name for it."""
        import urllib3

        proxy = "" if is_local else _proxy_of(url)
        with self._lock:
            if proxy not in self._pools:
                options: dict[str, Any] = {"maxsize": CONNECTIONS, "block": False, "blocksize": _BLOCK}
                if authorities := self._authorities():
                    options["ca_certs"] = authorities
                self._pools[proxy] = (
                    urllib3.ProxyManager(proxy, proxy_headers=_proxy_login(proxy), **options)
                    if proxy
                    else urllib3.PoolManager(**options)
                )
            return self._pools[proxy]


def _proxy_of(url: str) -> str:
    """As the SDK finds it. urllib3 itself knows nothing of the environment."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if proxy_bypass(parts.netloc):
        return ""
    proxy = getproxies().get(parts.scheme, "")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def _proxy_login(proxy: str) -> Mapping[str, str]:
    import urllib3

    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    found: Mapping[str, str] = urllib3.make_headers(proxy_basic_auth=login)
    return found


def _origin(repository: Repository) -> str:
    registry = repository.registry
    protocol = "http" if registry.kind == "local" else "https"
    return f"{protocol}://{_SERVERS.get(registry.host, registry.host)}"


def _retries(method: str, again: int | None) -> Any:
    """again: see `Patience`; None for a request that is made once."""
    if again == 0:  # urllib3 waits before the second time that it asks again
        return _retry()(None, connect=1, read=0, status=0, other=0, redirect=5)
    if again:
        return _retry()(
            total=again,
            backoff_factor=0.3,
            status_forcelist=(429, 500, 502, 503, 504),
            raise_on_status=False,
            # It may name a day.
            respect_retry_after_header=False,
        )
    redirected = method == "GET"
    return _retry()(None, connect=0, read=0, status=0, other=0, redirect=5) if redirected else False


@cache
def _retry() -> Any:
    """urllib3's class, for requests that are not led from HTTPS to HTTP. Those can be read on the way, and a
    machine's metadata service, say, trusts all who ask."""
    import urllib3

    class Retry(urllib3.Retry):
        def increment(
            self, method: Any = None, url: Any = None, response: Any = None, *rest: Any, **named: Any
        ) -> Any:
            location = response.get_redirect_location() if response is not None else None
            if location and urlsplit(url).scheme == "https" != urlsplit(urljoin(url, location)).scheme:
                reason = urllib3.exceptions.ResponseError("it leads from HTTPS to an address that is not")
                raise urllib3.exceptions.MaxRetryError(named["_pool"], url, reason)
            return super().increment(method, url, response, *rest, **named)

    return Retry


def _said(answer: Any) -> str:
    """The beginning of an error's body, which is short, as text."""
    try:
        content: bytes = answer.read(2000) or b""
    except Exception:  # the status is known, and says enough
        return ""
    return " ".join(content.decode("utf-8", "replace").split())[:300]


def _seconds(text: str) -> float:
    """Retry-After in seconds; a date, as RFC 9110 allows too, counts as no word."""
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0.0


def _text(error: Exception) -> str:
    """Without the objects that urllib3 prints around the cause: the request that failed is named already."""
    cause = getattr(error, "reason", None)  # of its MaxRetryError
    found = cause if isinstance(cause, Exception) else error
    said = found.args[-1] if found.args and isinstance(found.args[-1], str) else found
    text = " ".join(str(said).split())
    return _CONNECTION.sub("", text)
