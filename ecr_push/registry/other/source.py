"""A repository of any registry, read over the OCI distribution API alone: what images are copied from.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from urllib.parse import parse_qs, quote, urlsplit

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.base.shape import OddValueError, each, each_text, parsed
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.distribution import MOST_BYTES, Distribution, NotThereError
from ecr_push.registry.fallback_tag import fallback_tag
from ecr_push.registry.layer_api import Blob, LayerReader, Stream, TransferError
from ecr_push.registry.layers import checked
from ecr_push.registry.oci import MANIFEST_TYPES, Manifest
from ecr_push.registry.other.tokens import FindPassword, Tickets
from ecr_push.registry.referrers import followed
from ecr_push.registry.wire import PATIENT, Answer, Patience, Wire

AT_ONCE = 6
_TAGS_A_PAGE = 1000
_MOST_PAGES = 1000
# Answers of a registry that has no referrers API: 404 by the specification, the others by what is seen.
_NO_REFERRERS = (400, 405, 501)


class OtherRepository:
    """See `Source` of registry/copy. authorities, patience: see `Wire`."""

    def __init__(
        self,
        repository: Repository,
        find_password: FindPassword,
        clock: Clock,
        on_secret: Callable[[str], None] = lambda secret: None,
        authorities: Callable[[], str] = str,
        patience: Patience = PATIENT,
    ) -> None:
        self._repository = repository
        tickets = Tickets(repository, find_password, clock, on_secret, authorities, patience)
        self._wire = Wire(lambda: repository, tickets.current, tickets.renew, "", authorities, patience)
        self._distribution = Distribution(self._wire, clock)

    def locate(self) -> Repository:
        return self._repository

    @property
    def layers(self) -> LayerReader:
        return _Layers(self._wire)

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        """By HEAD, which Docker Hub does not count as a pull; a tag that does not exist is left out."""
        found = background.all_of([partial(self._digest, one.name) for one in tags], "look up tag", AT_ONCE)
        return {tag: digest for tag, digest in zip(tags, found, strict=True) if digest}

    def tag_names(self) -> frozenset[str]:
        found: set[str] = set()
        path = f"tags/list?n={_TAGS_A_PAGE}"
        for _ in range(_MOST_PAGES):
            with self._answered("GET", path) as answer:
                content = answer.read_at_most(MOST_BYTES)
                following = _next(answer.header("Link"))
            with answer_to("GET tags/list"):
                found.update(tag.name for tag in each_text(Tag, _json(content), "tags"))
            if not following:
                return frozenset(found)
            path = f"tags/list?n={_TAGS_A_PAGE}&last={quote(following)}"
        raise RegistryError(f"the list of tags of {self._repository} has no last page")

    def manifests(self, digests: Sequence[Digest]) -> Mapping[Digest, Manifest]:
        wanted = sorted(set(digests), key=str)
        find = [partial(self._distribution.find_manifest, one) for one in wanted]
        found = background.all_of(find, "read manifest", AT_ONCE)
        return {one.digest: one for one in found if one}

    def labels(self, manifest: Manifest) -> Mapping[str, str]:
        return self._distribution.labels(manifest)

    def all_referrers(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        def ask(some: Sequence[Digest]) -> frozenset[Digest]:
            find = [partial(self._referrers, one) for one in some]
            return frozenset().union(*background.all_of(find, "list referrers", AT_ONCE))

        return followed(digests, ask)

    def _referrers(self, digest: Digest) -> frozenset[Digest]:
        try:
            with self._answered("GET", f"referrers/{digest}") as answer:
                content = answer.read_at_most(MOST_BYTES)
        except NotThereError:
            return self._by_fallback_tag(digest)
        except TransferError as error:
            if error.status not in _NO_REFERRERS:
                raise
            return self._by_fallback_tag(digest)
        with answer_to(f"GET referrers/{digest}"):
            return frozenset(each(lambda one: parsed(Digest, one, "digest"), _json(content), "manifests"))

    def _by_fallback_tag(self, digest: Digest) -> frozenset[Digest]:
        listed = self._digest(str(fallback_tag(digest)))
        index = self._distribution.find_manifest(listed) if listed else None
        return frozenset(child.digest for child in index.children()) if index else frozenset()

    def _digest(self, tag: str) -> Digest | None:
        accept = {"Accept": ", ".join(MANIFEST_TYPES)}
        try:
            with self._answered("HEAD", f"manifests/{tag}", accept) as answer:
                said = answer.header("Docker-Content-Digest")
            if said:
                with answer_to(f"HEAD manifests/{tag}"):
                    return parsed(Digest, {"Docker-Content-Digest": said}, "Docker-Content-Digest")
            with self._answered("GET", f"manifests/{tag}", accept) as answer:
                content = answer.read_at_most(MOST_BYTES)
        except NotThereError:
            return None
        return Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")

    @contextmanager
    def _answered(self, method: str, path: str, headers: Mapping[str, str] | None = None) -> Iterator[Answer]:
        """An answer of 200; asked again with another ticket where the first is refused."""
        for is_last in (False, True):
            try:
                with self._wire.asked(method, path, (200,), headers, patient=True) as answer:
                    yield answer
                    return
            except TransferError as error:
                if error.status == 404:
                    raise NotThereError(f"there is no {path} in {self._repository}") from error
                if is_last or error.status != 401:
                    raise


class _Layers:
    """See `LayerReader`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def missing(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        """Those that HEAD does not find."""
        return frozenset(one for one in digests if not self._has(one))

    def _has(self, digest: Digest) -> bool:
        with self._wire.asked("HEAD", f"blobs/{digest}", (200, 404), patient=True) as answer:
            return answer.status == 200

    @contextmanager
    def open(self, blob: Blob) -> Iterator[Stream]:
        with self._wire.asked("GET", f"blobs/{blob.digest}", (200,)) as answer:
            yield checked(answer, blob)


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise OddValueError("", "is not valid JSON") from error


def _next(link: str) -> str:
    """The tag after which the next page begins; "" for the last page.

    https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
    """
    target, _, rest = link.partition(">")
    if "next" not in rest:
        return ""
    return parse_qs(urlsplit(target.removeprefix("<").strip()).query).get("last", [""])[0]
