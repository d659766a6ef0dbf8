"""Libraries: oras for Python, aioboto3, and AWS's SDK for JavaScript, each by a script of its own."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable

from ecr_push.sandbox.server import Sandbox
from tests.support.independent_clients import Program, folder_of
from tests.support.registry import Client, Registry

ORAS = """
import json, os, sys
import oras.client
host, password = os.environ["REGISTRY"], os.environ["PASSWORD"]
client = oras.client.OrasClient(hostname=host, insecure=True, auth_backend="basic")
client.login(username="AWS", password=password, hostname=host)
pushed = client.push(target=f"{host}/team/oras:1.0", files=["sbom.json:application/spdx+json"])
assert pushed.status_code == 201, pushed.text
[file] = client.pull(target=f"{host}/team/oras:1.0", outdir="pulled")
with open(file) as pulled:
    content = pulled.read()
print(json.dumps({
    "digest": pushed.headers["Docker-Content-Digest"],
    "tags": client.get_tags(f"{host}/team/oras"),
    "content": content,
    "manifest": client.get_manifest(f"{host}/team/oras:1.0"),
}))
"""
AIO = """
import asyncio, hashlib, json
import aioboto3

OCI = "application/vnd.oci.image"


async def main():
    session = aioboto3.Session()
    async with session.client("ecr") as ecr, session.client("sts") as sts:
        app = {"repositoryName": "team/aio"}
        await ecr.create_repository(**app)

        async def push(blob):
            digest = "sha256:" + hashlib.sha256(blob).hexdigest()
            upload = (await ecr.initiate_layer_upload(**app))["uploadId"]
            part = {"partFirstByte": 0, "partLastByte": len(blob) - 1, "layerPartBlob": blob}
            await ecr.upload_layer_part(**app, uploadId=upload, **part)
            await ecr.complete_layer_upload(**app, uploadId=upload, layerDigests=[digest])
            return {"digest": digest, "size": len(blob)}

        blobs = [b"{}", *(bytes([number]) * 1000 for number in range(40))]
        config, *layers = await asyncio.gather(*map(push, blobs))
        manifest = json.dumps({
            "schemaVersion": 2,
            "mediaType": f"{OCI}.manifest.v1+json",
            "config": {"mediaType": f"{OCI}.config.v1+json", **config},
            "layers": [{"mediaType": f"{OCI}.layer.v1.tar", **layer} for layer in layers],
        })
        tags = [f"{number}.0" for number in range(30)]
        await asyncio.gather(*(ecr.put_image(**app, imageManifest=manifest, imageTag=tag) for tag in tags))
        pages = ecr.get_paginator("list_images").paginate(**app, PaginationConfig={"PageSize": 7})
        listed = [one["imageTag"] async for page in pages for one in page["imageIds"]]
        print(json.dumps([sorted(listed), tags, (await sts.get_caller_identity())["Account"]]))


asyncio.run(main())
"""
NODE = """
import * as ecr from "@aws-sdk/client-ecr";
import { createHash } from "node:crypto";
const client = new ecr.ECRClient({});
const app = { repositoryName: "team/node" };
const scanned = { imageScanningConfiguration: { scanOnPush: true } };
await client.send(new ecr.CreateRepositoryCommand({ ...app, ...scanned }));
const push = async (text) => {
  const blob = Buffer.from(text);
  const digest = "sha256:" + createHash("sha256").update(blob).digest("hex");
  const { uploadId } = await client.send(new ecr.InitiateLayerUploadCommand(app));
  const part = { partFirstByte: 0, partLastByte: blob.length - 1, layerPartBlob: blob };
  await client.send(new ecr.UploadLayerPartCommand({ ...app, uploadId, ...part }));
  await client.send(new ecr.CompleteLayerUploadCommand({ ...app, uploadId, layerDigests: [digest] }));
  return { digest, size: blob.length };
};
const type = "application/vnd.docker";
const system = { os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [] } };
const config = await push(JSON.stringify(system));
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: `${type}.distribution.manifest.v2+json`,
  config: { mediaType: `${type}.container.image.v1+json`, ...config },
  layers: [],
});
for (let number = 0; number < 12; number++)
  await client.send(new ecr.PutImageCommand({ ...app, imageManifest: manifest, imageTag: `1.${number}` }));
const tags = [];
for await (const page of ecr.paginateListImages({ client, pageSize: 5 }, app))
  tags.push(...page.imageIds.map((one) => one.imageTag));
const imageId = { imageTag: "1.0" };
let missing = "";
try {
  await client.send(new ecr.DescribeImageScanFindingsCommand({ ...app, imageId: { imageTag: "none" } }));
} catch (error) {
  missing = error instanceof ecr.ImageNotFoundException ? error.name : `another error: ${error}`;
}
const scan = await client.send(new ecr.DescribeImageScanFindingsCommand({ ...app, imageId }));
const rules = [{
  rulePriority: 1,
  selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 1 },
  action: { type: "expire" },
}];
const lifecyclePolicyText = JSON.stringify({ rules });
await client.send(new ecr.StartLifecyclePolicyPreviewCommand({ ...app, lifecyclePolicyText }));
const waited = await ecr.waitUntilLifecyclePolicyPreviewComplete({ client, maxWaitTime: 30 }, app);
console.log(JSON.stringify({ tags, missing, scan: scan.imageScanStatus.status, waited: waited.state }));
"""


def test_oras_for_python_pushes_and_pulls_an_artifact(
    program: Callable[..., Program], sandbox: Sandbox, client: Client, registry: Registry
) -> None:
    registry.create("team/oras")
    password = client.ask("aws", "ecr", "get-login-password")
    library = program("oras", REGISTRY=sandbox.host, PASSWORD=password)
    (library.folder / "sbom.json").write_text('{"spdxVersion": "SPDX-2.3"}')
    (library.folder / "script.py").write_text(ORAS)
    found = json.loads(library.ask("python", "script.py").splitlines()[-1])
    assert (found["content"], found["tags"]) == ('{"spdxVersion": "SPDX-2.3"}', ["1.0"])
    name = f"{sandbox.host}/team/oras:1.0"
    assert client.ask("crane", "digest", name) == found["digest"]
    assert json.loads(client.ask("crane", "manifest", name)) == found["manifest"]


def test_aioboto3_pushes_an_image_with_many_requests_at_once(
    program: Callable[..., Program], sandbox: Sandbox, client: Client
) -> None:
    library = program("aioboto3")
    (library.folder / "script.py").write_text(AIO)
    listed, tags, account = json.loads(library.ask("python", "script.py"))
    assert (listed, account) == (sorted(tags), "123456789012")
    manifest = json.loads(client.ask("crane", "manifest", f"{sandbox.host}/team/aio:7.0"))
    assert len(manifest["layers"]) == 40
    assert sorted(client.ask("crane", "ls", f"{sandbox.host}/team/aio").split()) == listed


def test_the_sdk_for_javascript_pushes_pages_waits_and_knows_its_errors(
    program: Callable[..., Program], sandbox: Sandbox, client: Client
) -> None:
    node = program("sdk-js")
    script = folder_of("sdk-js") / "push.mjs"  # a module is looked for beside the script
    script.write_text(textwrap.dedent(NODE))
    found = json.loads(node.ask("node", script))
    tags = [f"1.{number}" for number in range(12)]
    assert sorted(found["tags"]) == sorted(tags)
    assert (found["missing"], found["waited"]) == ("ImageNotFoundException", "SUCCESS")
    assert found["scan"] == "FAILED"  # a system that no scanner knows
    assert sorted(client.ask("crane", "ls", f"{sandbox.host}/team/node").split()) == sorted(tags)
