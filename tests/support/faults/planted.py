"""A stand-in for the tool that breaks one promise, to see that the matrix notices. `honest` breaks none.

python planted.py MISDEED run CHECKOUT --repository NAME … --result FILE
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import boto3

TAGS = ("1.4.3", "1.4", "1", "latest")
EARLIER = "1.4.2"


class StandIn:
    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.checkout = words[1]
        self.repository = words[words.index("--repository") + 1]
        self.result = Path(words[words.index("--result") + 1])
        self.ecr: Any = boto3.client("ecr")

    def push(self, note: str, *tags: str) -> str:
        """An image that differs from the earlier release by a note."""
        asked = {"repositoryName": self.repository, "imageIds": [{"imageTag": EARLIER}]}
        manifest = json.loads(self.ecr.batch_get_image(**asked)["images"][0]["imageManifest"])
        manifest.setdefault("annotations", {})["note"] = note
        digest = ""
        for tag in tags:
            try:
                put = self.ecr.put_image(
                    repositoryName=self.repository, imageManifest=json.dumps(manifest), imageTag=tag
                )
                digest = put["image"]["imageId"]["imageDigest"]
            except self.ecr.exceptions.ImageAlreadyExistsException:
                pass
        return digest

    def attach(self, digest: str, note: str) -> None:
        """A statement about an image."""
        blob = b"{}"
        begun = self.ecr.initiate_layer_upload(repositoryName=self.repository)["uploadId"]
        part = {"uploadId": begun, "partFirstByte": 0, "partLastByte": 1, "layerPartBlob": blob}
        self.ecr.upload_layer_part(repositoryName=self.repository, **part)
        empty = {"mediaType": "application/vnd.oci.empty.v1+json", "size": 2}
        empty["digest"] = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        with contextlib.suppress(self.ecr.exceptions.LayerAlreadyExistsException):
            self.ecr.complete_layer_upload(
                repositoryName=self.repository, uploadId=begun, layerDigests=[empty["digest"]]
            )
        kind = "application/vnd.oci.image.manifest.v1+json"
        subject = {"mediaType": kind, "digest": digest, "size": 1}
        statement = {"artifactType": "application/vnd.in-toto+json", "config": empty, "layers": [empty]}
        manifest = {"schemaVersion": 2, "mediaType": kind, "subject": subject, **statement}
        with contextlib.suppress(self.ecr.exceptions.ImageAlreadyExistsException):
            self.ecr.put_image(
                repositoryName=self.repository,
                imageManifest=json.dumps({**manifest, "annotations": {"note": note}}),
            )

    def digest(self, tag: str) -> str:
        found = self.ecr.describe_images(repositoryName=self.repository, imageIds=[{"imageTag": tag}])
        return str(found["imageDetails"][0]["imageDigest"])

    def write(self, code: int, digest: str = "") -> int:
        """The result document; with a digest it says that this was accepted."""
        accepted = {"verdict": {"accepted": True}, "image": {"digest": digest}} if digest else {}
        self.result.write_text(json.dumps({"exitCode": code, **accepted}))
        if digest and not code:
            sys.stdout.write(f"host/{self.repository}@{digest}\n")
        return code

    def honest(self) -> int:
        self.push("the release", *TAGS)
        if "--attest-verdict" in self.words:
            self.attach(self.digest("1.4.3"), "the verdict")
        git = ["git", "-C", self.checkout]
        subprocess.run([*git, "push", "--quiet", "origin", "HEAD:refs/tags/v1.4.3"], check=True)
        return self.write(0, self.digest("1.4.3"))

    def attests_twice(self) -> int:
        self.honest()
        self.attach(self.digest("1.4.3"), "another verdict")
        return 0

    def lacks_a_copy(self) -> int:
        return self.honest()

    def attests_nothing(self) -> int:
        self.words.remove("--attest-verdict")
        return self.honest()

    def lost(self) -> int:
        self.honest()
        return self.write(0, f"sha256:{'0' * 64}")

    def deletes_the_earlier_release(self) -> int:
        image = {"imageDigest": self.digest(EARLIER)}
        self.push("the release", *TAGS)
        self.ecr.batch_delete_image(repositoryName=self.repository, imageIds=[image])
        return self.write(4)

    def doubled(self) -> int:
        self.push("one", "sha-0123456789ab")
        return self.write(4, self.push("another", *TAGS))

    def silent_candidate(self) -> int:
        self.honest()
        self.push("the release", "candidate-0123456789ab-1")
        return 0

    def unjudged(self) -> int:
        self.push("not judged", *TAGS)
        return self.write(4)

    def git_tag_first(self) -> int:
        git = ["git", "-C", self.checkout]
        subprocess.run([*git, "push", "--quiet", "origin", "HEAD:refs/tags/v1.4.3"], check=True)
        return self.write(4)

    def moved_back(self) -> int:
        self.ecr.batch_delete_image(repositoryName=self.repository, imageIds=[{"imageTag": "latest"}])
        return self.write(4)

    def ahead(self) -> int:
        return self.write(4, self.push("the release", "latest"))

    def wrong_exit(self) -> int:
        sys.stderr.write("Traceback (most recent call last):\n")
        return self.write(1)

    def no_document(self) -> int:
        return 4

    def leaves_a_file(self) -> int:
        tempfile.mkstemp()
        return self.write(4)

    def leaves_a_token(self) -> int:
        (Path(os.environ["HOME"]) / "config").write_text("sandbox-123456789012-secret")
        return self.write(4)

    def leaves_a_process(self) -> int:
        subprocess.Popen(["sleep", "60"], start_new_session=True)
        return self.write(4)

    def changes_the_checkout(self) -> int:
        (Path(self.checkout) / "left.txt").write_text("x")
        return self.write(4)


if __name__ == "__main__":
    sys.exit(getattr(StandIn(sys.argv[2:]), sys.argv[1])())
