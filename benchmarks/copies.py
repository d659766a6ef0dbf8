"""Twelve images that share layers, from one registry to another, when every request to either takes 50 ms.

Some have a signature, which `oras cp -r` brings too, and crane and skopeo do not. Each program copies to a
repository of its own; what it left there is compared with the source, and its requests are counted in both
sandboxes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from given import Given
from timing import Comparison, Limit, Took, by_turns, median, run
from world import ECR_PUSH, ROOT, MissingError, Sandbox, environment, sandbox

LATENCY = "latency: {api: 0.05, v2: 0.05}"
IMAGES = 12
SIGNED = 4  # of them
REPOSITORY = "team/app"
OURS = "ecr-push copy --all-tags"
CRANE = "crane cp --all-tags"
CRANE_EACH = "crane cp of each"
SKOPEO = "skopeo copy --all of each"
ORAS = "oras cp -r of each"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_CONFIG = "application/vnd.oci.image.config.v1+json"


@dataclass
class World:
    """Both registries, the tags with their digests, and the requests of the last run of each program."""

    source: Sandbox
    to: Sandbox
    environ: Mapping[str, str]
    folder: Path
    tags: Mapping[str, str]
    signatures: Mapping[str, str]
    names: Iterator[int] = field(default_factory=count)
    requests: dict[str, int] = field(default_factory=dict)

    def run(self, program: str, argvs: Sequence[Sequence[str]], name: str) -> Took:
        for one in (self.source, self.to):
            one.forget()
        took = Took(sum(run(argv, self.folder, self.environ).seconds for argv in argvs))
        self.requests[program] = sum(_number(one.requests()) for one in (self.source, self.to))
        self._check(name, referrers=program in (OURS, ORAS))
        return took

    def repository(self) -> str:
        name = f"copy-{next(self.names)}"
        self.to.create(name)
        return name

    def _check(self, name: str, *, referrers: bool) -> None:
        """The same tags with the same digests, and where it is promised the same signatures."""
        client = self.to.client()
        ids = [{"imageTag": tag} for tag in self.tags]
        found = client.batch_get_image(repositoryName=name, imageIds=ids)["images"]
        got = {one["imageId"]["imageTag"]: one["imageId"]["imageDigest"] for one in found}
        assert got == self.tags, f"{name} has other images than the source"
        for image, signature in self.signatures.items() if referrers else ():
            answer = client.list_image_referrers(repositoryName=name, subjectId={"imageDigest": image})
            assert [one["digest"] for one in answer["referrers"]] == [signature]


def measure(given: Given) -> Iterator[Comparison]:
    path = _clients()
    with ExitStack() as up:
        places = []
        for name in ("a", "b"):
            folder = given.folder / name
            folder.mkdir()
            places.append(up.enter_context(sandbox(folder, LATENCY, ("--scan-delay", "0"))))
        source, to = places
        source.create(REPOSITORY)
        tags, signatures = _push(source)
        world = World(source, to, _environ(given.folder, places, path), given.folder, tags, signatures)
        programs = {name: _program(name, world) for name in (OURS, CRANE, CRANE_EACH, SKOPEO, ORAS)}
        taken = by_turns(programs, given.rounds)
    medians = {name: median(taken[name]) for name in taken}
    fastest = min((CRANE_EACH, SKOPEO, ORAS), key=lambda name: medians[name])
    for name in medians:
        if name != OURS:
            # All of a repository's tags at once is what crane alone has too, without signatures.
            limit = Limit(0.5) if name == fastest else Limit(1.0) if name == CRANE else None
            yield Comparison(OURS, name, medians[OURS], medians[name], limit)
    fewest = min((name for name in medians if name != OURS), key=lambda name: world.requests[name])
    for name in medians:
        if name != OURS:
            ours, theirs = world.requests[OURS], world.requests[name]
            limit = Limit(1 - 1 / theirs) if name == fewest else None
            yield Comparison(f"{OURS}, requests", f"{name}, requests", ours, theirs, limit, unit="")


def _program(name: str, world: World) -> Any:
    here = f"{world.source.host}/{REPOSITORY}"

    def turn() -> Took:
        to = world.repository()
        there = f"{world.to.host}/{to}"
        skopeo = ("skopeo", "copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false")
        pairs = [(f"{here}:{tag}", f"{there}:{tag}") for tag in world.tags]
        argvs: Mapping[str, Sequence[Sequence[str]]] = {
            OURS: [(ECR_PUSH, "copy", REPOSITORY, "--all-tags", f"--to=repository={to},profile=b")],
            CRANE: [("crane", "copy", "--all-tags", here, there)],
            CRANE_EACH: [("crane", "copy", *pair) for pair in pairs],
            SKOPEO: [(*skopeo, f"docker://{one}", f"docker://{other}") for one, other in pairs],
            ORAS: [("oras", "cp", "-r", "--from-plain-http", "--to-plain-http", *pair) for pair in pairs],
        }
        return world.run(name, argvs[name], to)

    return turn


def _clients() -> str:
    """The path on which the others are."""
    found = subprocess.run(
        [ROOT / "scripts" / "engine", "clients"], check=False, capture_output=True, text=True
    )
    path = f"{found.stdout.strip()}:{os.environ['PATH']}"
    for name in ("crane", "skopeo", "oras"):
        if not shutil.which(name, path=path):
            raise MissingError(f"there is no {name}: scripts/engine clients installs it, as root on Debian")
    return path


def _environ(folder: Path, places: Sequence[Sandbox], path: str) -> Mapping[str, str]:
    """A profile for each registry, and a Docker configuration that is logged in to both."""
    lines, auths = [], {}
    for name, one in zip(("default", "profile b"), places, strict=True):
        keys = one.environ
        lines += [
            f"[{name}]",
            f"endpoint_url = {one.url}",
            f"region = {keys['AWS_REGION']}",
            f"aws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}",
            f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}",
        ]
        auths[one.host] = {"auth": _token(one)}
    (folder / "aws").write_text("\n".join(lines))
    (folder / "docker").mkdir()
    (folder / "docker" / "config.json").write_text(json.dumps({"auths": auths}))
    return environment(
        AWS_CONFIG_FILE=str(folder / "aws"),
        AWS_SHARED_CREDENTIALS_FILE=str(folder / "aws"),
        AWS_EC2_METADATA_DISABLED="true",
        DOCKER_CONFIG=str(folder / "docker"),
        PATH=path,
    )


def _push(to: Sandbox) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The images, each with layers of its own on three that all share: tag -> digest; image -> signature."""
    base = [_layer(1_000_000) for _ in range(3)]
    images, blobs = {}, [*base]
    for number in range(IMAGES):
        config = json.dumps({"architecture": "amd64", "os": "linux", "number": number}).encode()
        layers = [*base, _layer(200_000), _layer(50_000)]
        blobs += [config, *layers[3:]]
        images[f"1.0.{number}"] = _manifest(config, _CONFIG, layers)
    signatures = {}
    for number in range(SIGNED):
        image, about = images[f"1.0.{number}"], b"signature %d" % number
        subject = {"mediaType": _MANIFEST, "digest": _digest(image), "size": len(image)}
        blobs += [about, b"{}"]
        signatures[_digest(image)] = _manifest(
            b"{}", "application/vnd.oci.empty.v1+json", [about], subject=subject, artifactType="text/plain"
        )
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda blob: _upload(to, blob), {_digest(one): one for one in blobs}.values()))
        list(pool.map(lambda one: _put(to, *one), images.items()))
        list(pool.map(lambda one: _put(to, _digest(one), one), signatures.values()))
    return (
        {tag: _digest(one) for tag, one in images.items()},
        {image: _digest(one) for image, one in signatures.items()},
    )


def _manifest(config: bytes, kind: str, layers: Sequence[bytes], **more: Any) -> bytes:
    document = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": {"mediaType": kind, "digest": _digest(config), "size": len(config)},
        "layers": [{"mediaType": _LAYER, "digest": _digest(one), "size": len(one)} for one in layers],
        **more,
    }
    return json.dumps(document).encode()


def _layer(size: int) -> bytes:
    """skopeo compresses what is not, and thereby changes it."""
    return gzip.compress(os.urandom(size), 1)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _upload(to: Sandbox, blob: bytes) -> None:
    place = _ask(to, "POST", "blobs/uploads/").getheader("Location", "")
    _ask(to, "PUT", f"{place}{'&' if '?' in place else '?'}digest={_digest(blob)}", blob)


def _put(to: Sandbox, reference: str, manifest: bytes) -> None:
    _ask(to, "PUT", f"manifests/{reference}", manifest, {"Content-Type": _MANIFEST})


def _ask(
    to: Sandbox, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(to.host)
    path = path.removeprefix(to.url)
    path = path if path.startswith("/") else f"/v2/{REPOSITORY}/{path}"
    connection.request(method, path, body, {"Authorization": f"Basic {_token(to)}", **(headers or {})})
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status in (201, 202), content
    return answer


_tokens: dict[str, str] = {}


def _token(of: Sandbox) -> str:
    if of.host not in _tokens:
        answer = of.client().get_authorization_token()["authorizationData"][0]
        _tokens[of.host] = base64.b64encode(base64.b64decode(answer["authorizationToken"])).decode()
    return _tokens[of.host]


def _number(requests: Mapping[str, Mapping[str, int]]) -> int:
    return sum(number for plane in requests.values() for number in plane.values())
