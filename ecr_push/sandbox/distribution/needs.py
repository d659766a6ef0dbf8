"""Which permissions a request to the registry API needs, as a policy for docker has to name them.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ecr_push.sandbox.distribution.call import DataPlaneCall
from ecr_push.sandbox.permissions.need import Need, on_repository
from ecr_push.sandbox.state import State

_ACTIONS: Mapping[str, Sequence[str]] = {
    "GetCatalog": ("DescribeRepositories",),
    "ListTags": ("ListImages",),
    "ListReferrers": ("BatchGetImage",),
    "StartUpload": ("InitiateLayerUpload",),
    "GetUpload": ("UploadLayerPart",),
    "PatchUpload": ("UploadLayerPart",),
    "PutUpload": ("UploadLayerPart", "CompleteLayerUpload"),
    "DeleteUpload": ("UploadLayerPart",),
    "GetBlob": ("GetDownloadUrlForLayer",),
    "HeadBlob": ("BatchCheckLayerAvailability",),
    "GetManifest": ("BatchGetImage",),
    "HeadManifest": ("BatchGetImage",),
    "PutManifest": ("PutImage",),
    "DeleteManifest": ("BatchDeleteImage",),
}
# An upload of a whole blob in one request.
_AT_ONCE = ("UploadLayerPart", "CompleteLayerUpload")
_READS = ("GetBlob", "GetManifest", "HeadManifest", "ListTags", "ListReferrers", "GetCatalog")


def needs(call: DataPlaneCall, state: State, name: str, *, at_once: bool = False) -> Iterator[Need]:
    """name: of the repository; "" for the whole registry. at_once: the request uploads a whole blob."""
    if call.kind == "public" and call.operation in _READS:
        return  # ECR Public's images are for everyone; a HEAD of a blob is a part of a push
    for action in (*_ACTIONS.get(call.operation, ()), *(_AT_ONCE if at_once else ())):
        yield on_repository(action, call.kind, state, name or "*")


def needs_of_mount(call: DataPlaneCall, state: State, source: str) -> Iterator[Need]:
    """On the repository that a layer is mounted from.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
    """
    if call.kind == "private":
        yield on_repository("GetDownloadUrlForLayer", call.kind, state, source)
