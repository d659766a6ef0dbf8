"""Reading an object in S3: where a policy may be stored."""

from __future__ import annotations

from ecr_push.registry.aws.call import call
from ecr_push.registry.aws.errors import AwsRefusedError, translated
from ecr_push.registry.aws.session import Aws


def read_object(access: Aws, url: str, limit: int) -> bytes:
    """Return the content of `s3://BUCKET/KEY`. Raises ValueError where there is none.

    limit: the most bytes; a longer object raises ValueError too.
    Raises RegistryError as `call` does: needs s3:GetObject; without s3:ListBucket S3 answers AccessDenied
    for an object that does not exist.
    """
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not bucket or not key:
        raise ValueError("expected s3://BUCKET/KEY")
    client = access.client("s3")
    try:
        answer = call(client, "get_object", Bucket=bucket, Key=key)
    except AwsRefusedError as refused:
        if refused.code in ("NoSuchKey", "NoSuchBucket"):
            raise ValueError(f"it does not exist ({refused.code})") from refused
        raise
    if answer.get("ContentLength", 0) <= limit:
        with translated(client, "get_object"):
            content: bytes = answer["Body"].read(limit + 1)
        if len(content) <= limit:
            return content
    raise ValueError(f"it is larger than {limit // 1024} KiB")
