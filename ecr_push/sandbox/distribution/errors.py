"""Errors of the OCI distribution API, and ECR's own errors translated to them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from werkzeug import Response

from ecr_push.sandbox.model import EcrError

API_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}

# The V2 error of an error of ECR's API. Over V2 an immutable tag is TAG_INVALID: that, its status and
# `manifest blob unknown` for missing content are what docker prints on pushes to ECR.
# aws/containers-roadmap#862, issues of many push actions.
_FROM_ECR: Mapping[str, tuple[str, int]] = {
    "AccessDeniedException": ("DENIED", 403),
    "RepositoryNotFoundException": ("NAME_UNKNOWN", 404),
    "ImageNotFoundException": ("MANIFEST_UNKNOWN", 404),
    "ImageNotFound": ("MANIFEST_UNKNOWN", 404),
    "ImageTagAlreadyExistsException": ("TAG_INVALID", 400),
    "ImageDigestDoesNotMatchException": ("DIGEST_INVALID", 400),
    "ImageReferencedByManifestList": ("DENIED", 403),
    "LayersNotFoundException": ("MANIFEST_BLOB_UNKNOWN", 400),
    "ReferencedImagesNotFoundException": ("MANIFEST_BLOB_UNKNOWN", 400),
    "InvalidLayerException": ("DIGEST_INVALID", 400),
    "InvalidLayerPartException": ("BLOB_UPLOAD_INVALID", 416),
    "UploadNotFoundException": ("BLOB_UPLOAD_UNKNOWN", 404),
    # Of a manifest: oras-project/oras#1133, ko-build/ko#928.
    "InvalidParameterException": ("UNSUPPORTED", 405),
    "LimitExceededException": ("DENIED", 403),
    "KmsException": ("DENIED", 403),
}


class V2Error(Exception):
    """An error of the distribution API. headers are those of the response."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    @classmethod
    def of(cls, error: EcrError) -> V2Error:
        """Translates an error of ECR's API."""
        code, status = _FROM_ECR.get(error.code, ("UNSUPPORTED", error.http_status))
        return cls(status, code, error.message)

    def response(self) -> Response:
        body = json.dumps({"errors": [{"code": self.code, "message": self.message}]}, separators=(",", ":"))
        headers = {**API_VERSION, **self.headers}
        return Response(body, self.status, headers, content_type="application/json; charset=utf-8")
