"""Prints the request that the AWS SDK makes for each operation of some services, in each partition, as JSON.

    python sdk_requests.py OPERATIONS [ARCHIVE]

OPERATIONS is JSON, {service: names}. ARCHIVE is where everything but Python's own library is imported from.
Nothing is sent. It imports nothing of the tests, because it runs in the bundle's own world too.
"""

import json
import sys
import uuid

sys.path[:0] = sys.argv[2:]

from botocore import UNSIGNED, xform_name  # noqa: E402
from botocore.config import Config  # noqa: E402

from ecr_push.registry.aws.sdk_data import new_session  # noqa: E402


class MadeError(Exception):
    """Ends a call before it is sent."""


uuid.uuid4 = lambda: uuid.UUID(int=0)  # tokens by which a service knows a request again


def parameters(shape):
    """The least that a shape takes."""
    if shape.type_name == "structure":
        return {name: parameters(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [parameters(shape.member)]
    if shape.type_name == "map":
        return {"key": parameters(shape.value)}
    if shape.type_name == "string":
        return shape.enum[0] if getattr(shape, "enum", None) else "x" * max(12, shape.metadata.get("min", 0))
    return {"blob": b"x", "boolean": True, "timestamp": 0}.get(shape.type_name, shape.metadata.get("min", 1))


def requests(session, operations):
    def stop(request, **_):
        body = request.body.read() if hasattr(request.body, "read") else request.body
        found.append([request.method, request.url, str(body), request.headers.get("X-Amz-Target", "")])
        raise MadeError

    endpoints = session.get_component("data_loader").load_data("endpoints")
    for partition in endpoints["partitions"]:
        for region in sorted(partition["regions"])[:2]:
            for service, names in operations.items():
                config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
                client = session.create_client(service, region_name=region, config=config)
                client.meta.events.register("before-send", stop)
                for name in names:
                    found = [partition["partition"], region, service, name]
                    shape = client.meta.service_model.operation_model(name).input_shape
                    try:
                        getattr(client, xform_name(name))(**(parameters(shape) if shape else {}))
                    except Exception as error:  # some refuse what only has the right shape, alike in both
                        found.append(type(error).__name__)
                    yield found


json.dump([*requests(new_session(), json.loads(sys.argv[1]))], sys.stdout, default=repr)
