"""Errors as the OCI distribution API writes them, and ECR's own errors in its terms."""

from __future__ import annotations

import json
from collections.abc import Mapping

from werkzeug import Response

from ecr_push.sandbox.model import EcrError

API_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}

# What ECR's V2 API makes of an error of its API. Over V2 an immutable tag is TAG_INVALID: that, its status
# and the `manifest blob unknown` of missing content are what docker prints for pushes to ECR.
# aws/containers-roadmap#862, issues of many push actions.
_FROM_ECR: Mapping[str, tuple[str, int]] = {
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
    "InvalidParameterException": ("MANIFEST_INVALID", 400),
    "LimitExceededException": ("DENIED", 403),
}


class V2Error(Exception):
    """An error of the distribution API. headers go with the answer."""

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
        """The same refusal in V2's terms."""
        code, status = _FROM_ECR.get(error.code, ("UNSUPPORTED", error.http_status))
        return cls(status, code, error.message)

    def response(self) -> Response:
        body = json.dumps({"errors": [{"code": self.code, "message": self.message}]}, separators=(",", ":"))
        headers = {**API_VERSION, **self.headers}
        return Response(body, self.status, headers, content_type="application/json; charset=utf-8")
