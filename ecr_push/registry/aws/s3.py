"""Objects in S3: reading one, where a policy may be stored; and putting one that no one overwrites."""

from __future__ import annotations

from ecr_push.base.errors import RegistryError
from ecr_push.registry.aws.call import call, call_for_any_answer
from ecr_push.registry.aws.errors import AwsRefusedError, translated
from ecr_push.registry.aws.session import Aws

PUT_ATTEMPTS = 3  # a release waits for it


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


def put_new_object(access: Aws, url: str, content: bytes) -> bool:
    """Puts `s3://BUCKET/KEY` where there is no such object. False: there is one, which stays as it is.

    Needs s3:PutObject alone. Raises RegistryError.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    bucket, _, key = url.removeprefix("s3://").partition("/")
    client = access.client("s3", attempts=PUT_ATTEMPTS)
    new = {"IfNoneMatch": "*", "ContentType": "application/json"}
    try:
        call_for_any_answer(client, "put_object", Bucket=bucket, Key=key, Body=content, **new)
    except AwsRefusedError as refused:
        if refused.code == "PreconditionFailed":
            return False
        if refused.code == "NoSuchBucket":
            raise RegistryError(
                f"there is no bucket {bucket}", why=refused.why, remedy="check its name"
            ) from refused
        raise
    return True
