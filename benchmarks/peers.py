"""The chain of actions that others use: amazon-ecr-login, metadata-action, build-push-action, the AWS CLI.

Their programs are not part of this repository: `--peers FOLDER` names a folder that has of each at least
action.yml and dist/, as OWNER/NAME, for example the checkouts of `VERSIONS`. Left out on both sides are
configure-aws-credentials and setup-buildx-action. `aws` is the one beside the interpreter that runs this.

The chain is spared what it can be: it makes no summary, record or provenance of the build, and GitHub answers
at once.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from world import MissingError

# What was measured last: https://github.com/OWNER/NAME at these versions.
VERSIONS = {
    "aws-actions/amazon-ecr-login": ("v2.1.7", "03f1aad4c6c7ffd436567f42f9384779290529bd"),
    "docker/metadata-action": ("v6.2.0", "dc802804100637a589fabce1cb79ff13a1411302"),
    "docker/build-push-action": ("v7.3.0", "53b7df96c91f9c12dcc8a07bcb9ccacbed38856a"),
}
REPOSITORY = "team/peers"
WORKFLOW = f"""\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: aws-actions/amazon-ecr-login@v2
        id: login
      - uses: docker/metadata-action@v6
        id: meta
        with:
          images: ${{{{ steps.login.outputs.registry }}}}/{REPOSITORY}
          tags: |
            type=semver,pattern={{{{version}}}}
            type=semver,pattern={{{{major}}}}.{{{{minor}}}}
            type=semver,pattern={{{{major}}}}
            type=sha
      - uses: docker/build-push-action@v7
        id: build
        with:
          context: .
          push: true
          provenance: false
          tags: ${{{{ steps.meta.outputs.tags }}}}
          labels: ${{{{ steps.meta.outputs.labels }}}}
      - shell: sh
        env:
          IMAGE: imageDigest=${{{{ steps.build.outputs.digest }}}}
        run: |
          aws ecr wait image-scan-complete --repository-name {REPOSITORY} --image-id "$IMAGE"
          found=$(aws ecr describe-image-scan-findings --repository-name {REPOSITORY} --image-id "$IMAGE" \\
            --query 'imageScanFindings.findingSeverityCounts.[CRITICAL, HIGH]' --output text)
          case $found in *[1-9]*) echo "critical and high: $found"; exit 1 ;; esac
"""


def actions(folder: Path) -> dict[str, Path]:
    """Their folders, by what the workflow names them. Raises MissingError where one is missing."""
    found = {}
    for name, (version, commit) in VERSIONS.items():
        if not (folder / name / "action.yml").is_file() or not (folder / name / "dist").is_dir():
            raise MissingError(
                f"--peers: {folder / name} has no action.yml and dist/: put https://github.com/{name} there, "
                f"{version} for example (commit {commit})"
            )
        found[f"{name}@{version.partition('.')[0]}"] = (folder / name).resolve()
    return found


@contextlib.contextmanager
def github() -> Iterator[Mapping[str, str]]:
    """What leads the actions to a GitHub that knows one repository, which metadata-action asks for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"name": "app", "full_name": "acme/app", "default_branch": "main"}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {
            "GITHUB_API_URL": f"http://127.0.0.1:{server.server_port}",
            "DOCKER_BUILD_SUMMARY": "false",
        }
    finally:
        server.shutdown()
        server.server_close()
