"""`ecr-push schema`: JSON Schemas, for editors."""

from __future__ import annotations

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

EXAMPLES = (
    ("Give an editor the schema of ecr-push.yml", "ecr-push schema > ecr-push.schema.json"),
    ("The schema of a policy file", "ecr-push schema --policy"),
)


@command("schema", EXAMPLES, settings=False)
@click.option("--policy", is_flag=True, help="Print the schema of a policy file.")
@click.option("--result", is_flag=True, help="Print the schema of the result document.")
@click.option("--images", is_flag=True, help="Print the schema of the document of several images.")
@click.option("--verdict", is_flag=True, help="Print the schema of the statement of a verdict.")
def schema(call: Call, policy: bool, result: bool, images: bool, verdict: bool) -> int:
    """Print the JSON Schema of ecr-push.yml, for editors."""
    import json

    if policy:
        from ecr_push.policy.keys import policy_document_schema as schema_of
    elif result:
        from ecr_push.report.document_schema import result_schema as schema_of
    elif images:
        from ecr_push.report.images_schema import images_schema as schema_of
    elif verdict:
        from ecr_push.report.verdict_schema import verdict_schema as schema_of
    else:
        from ecr_push.settings.schema import json_schema as schema_of

    call.stdout.write(json.dumps(schema_of(), indent=2) + "\n")
    return 0
