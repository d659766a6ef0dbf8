"""Reading manifests and blobs over the OCI distribution API, where ECR's own API has no operation for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.base.reference import Digest, Repository
from ecr_push.registry.interface import Login
from ecr_push.registry.oci import INDEX_TYPES, MANIFEST_TYPES, Manifest


class Distribution:
    """The OCI distribution API of one repository.

    scheme of the Authorization header: `Basic` for private registries and `Bearer` for ECR Public.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
    """

    def __init__(self, repository: Callable[[], Repository], login: Callable[[], Login], scheme: str) -> None:
        self._repository = repository
        self._login = login
        self._scheme = scheme

    def manifest(self, reference: str) -> Manifest:
        """Return the manifest of a tag or digest, in the bytes that were pushed. Raises RegistryError."""
        answer = self._get(f"manifests/{reference}", accept=", ".join(MANIFEST_TYPES))
        media_type = answer.headers.get("Content-Type", "").split(";")[0]
        return Manifest(_digest_of(answer.data), media_type, answer.data.decode())

    def labels(self, manifest: Manifest) -> Mapping[str, str]:
        """Return the labels in the image's configuration; for an index, those of its first image."""
        if manifest.media_type in INDEX_TYPES:
            images = [one for one in manifest.children() if not one.is_attestation and not one.is_artifact]
            return self.labels(self.manifest(str(images[0].digest))) if images else {}
        if manifest.config_digest is None:
            return {}
        answer = self._get(f"blobs/{manifest.config_digest}", accept="*/*")
        try:
            configuration = json.loads(answer.data)
            return dict(configuration.get("config", {}).get("Labels") or {})
        except (ValueError, AttributeError):  # an artifact, not an image: without labels
            return {}

    def _get(self, path: str, *, accept: str) -> Any:
        import urllib3

        repository, login = self._repository(), self._login()
        protocol = "http" if repository.registry.kind == "local" else "https"
        url = f"{protocol}://{repository.registry.host}/v2/{repository.name}/{path}"
        try:
            # urllib3 drops the Authorization header when it follows the redirect to the blob's store.
            answer = urllib3.PoolManager().request(
                "GET",
                url,
                headers={"Accept": accept, "Authorization": f"{self._scheme} {login.authorization}"},
                timeout=urllib3.Timeout(connect=5, read=30),
                retries=urllib3.Retry(
                    total=4, backoff_factor=0.3, status_forcelist=(429, 500, 502, 503, 504)
                ),
                preload_content=False,
            )
            answer.data  # noqa: B018 - reads the body within the try
        except urllib3.exceptions.HTTPError as error:
            raise RegistryError(f"could not read {repository}", why=str(error)) from error
        if answer.status in (401, 403):
            raise AuthenticationError(
                f"{repository} refused to be read", why=f"HTTP {answer.status} for {path}"
            )
        if answer.status != 200:
            raise RegistryError(f"could not read {path} of {repository}", why=f"HTTP {answer.status}")
        return answer


def _digest_of(body: bytes) -> Digest:
    import hashlib

    return Digest(f"sha256:{hashlib.sha256(body).hexdigest()}")
