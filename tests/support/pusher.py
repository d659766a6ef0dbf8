"""A builder without an engine: it pushes a tiny image over HTTP, with the labels of the plan."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

import urllib3

from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.interface import Builders, BuiltImage
from ecr_push.builder.permission import Permission
from ecr_push.builder.plan import BuildPlan
from ecr_push.registry.interface import Login
from tests.support import images
from tests.support.fakes import OCI_MANIFEST

_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def layer_of(files: Mapping[str, str]) -> bytes:
    """A layer with these files; the same bytes for the same files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


def rootfs(content: str, files: images.Files = images.CLEAN) -> dict[str, str]:
    """The files of an image with a package manager's list; content makes it another image."""
    found = {name.removeprefix("rootfs/"): text for name, text in files.items() if name.startswith("rootfs/")}
    return {**found, "stamp": content}


@dataclass(frozen=True)
class Pusher:
    """Pushes to a registry over HTTP."""

    url: str
    authorization: str
    http: urllib3.PoolManager

    def push(self, name: str, tag: str, files: Mapping[str, str], labels: Mapping[str, str]) -> Digest:
        """One image of one layer; its digest."""
        layer = layer_of(files)
        diff_id = hashlib.sha256(gzip.decompress(layer)).hexdigest()
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Labels": dict(labels)},
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{diff_id}"]},
            }
        ).encode()
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": OCI_MANIFEST,
                "config": {"mediaType": _CONFIG, **self._blob(name, config)},
                "layers": [{"mediaType": _LAYER, **self._blob(name, layer)}],
            }
        ).encode()
        where = f"/v2/{name}/manifests/{tag}"
        self._ask("PUT", where, 201, body=manifest, headers={"Content-Type": OCI_MANIFEST})
        return Digest(f"sha256:{hashlib.sha256(manifest).hexdigest()}")

    def _blob(self, name: str, content: bytes) -> dict[str, object]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        place = self._ask("POST", f"/v2/{name}/blobs/uploads/", 202).headers["Location"]
        joined = "&" if "?" in place else "?"
        headers = {"Content-Type": "application/octet-stream"}
        self._ask("PUT", f"{place}{joined}digest={digest}", 201, body=content, headers=headers)
        return {"digest": digest, "size": len(content)}

    def _ask(
        self, method: str, path: str, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        url = path if "://" in path else f"{self.url}{path}"
        given = {"Authorization": f"Basic {self.authorization}", **(headers or {})}
        answer = self.http.request(method, url, body=body, headers=given, retries=False)
        assert answer.status == status, f"{method} {path}: {answer.status} {answer.data[:300]!r}"
        return answer


@dataclass
class PushingBuilders:
    """One builder, which builds and pushes in one go, as buildx does. files: of the image."""

    url: str
    http: urllib3.PoolManager
    files: Mapping[str, str]
    login: Callable[[], Login] | None = None

    def find(self, environ: Mapping[str, str]) -> PushingBuilders:
        return self

    @contextmanager
    def logged_in(self, host: str, login: Callable[[], Login], narrator: Narrator) -> Iterator[Builders]:
        self.login = login
        yield self

    def docker_environ(self) -> dict[str, str]:
        return {}

    def default_platform(self, plan: BuildPlan) -> Future[str]:
        found: Future[str] = Future()
        found.set_result("linux/amd64")
        return found

    def started_platform(self, plan: BuildPlan) -> str:
        return "linux/amd64"

    def check(self, plan: BuildPlan | None, *, runs_image: bool = False) -> None: ...

    def described(self) -> str:
        return "a builder of this test"

    def planned(self, plan: BuildPlan) -> str:
        return "a builder of this test"

    def container_program(self) -> str:
        return "docker"

    def choose(self, plan: BuildPlan) -> PushingBuilders:
        return self

    def build(
        self, plan: BuildPlan, repository: Repository, candidate: Tag, permission: Permission
    ) -> BuiltImage:
        assert self.login, "a push needs a login"
        pusher = Pusher(self.url, self.login().authorization, self.http)
        digest = pusher.push(repository.name, candidate.name, self.files, plan.labels)
        return BuiltImage(repository.tagged(candidate), "fake", digest.value, OCI_MANIFEST)

    def push(
        self, built: BuiltImage, repository: Repository, candidate: Tag, login: Callable[[], Login]
    ) -> Digest:
        return Digest(built.digest)
