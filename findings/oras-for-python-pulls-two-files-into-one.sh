#!/bin/sh
# Package: oras 0.2.43 (PyPI), the client of OCI registries for Python.
# Expected: an artifact of `amd64/sbom.json` and `arm64/sbom.json` comes back as two files, as from the oras program,
#           whose titles of layers are the paths as given; or the push is refused.
# Seen:     both layers are titled `sbom.json`. A pull lists that file twice, succeeds, and leaves the second alone.
# Effect:   an artifact with a file for each architecture arrives without all but the last one, and without a word;
#           both are in the registry, and nothing in the manifest says which is whose.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check 'oras==0.2.43'
mkdir amd64 arm64
echo '{"name": "amd64"}' >amd64/sbom.json
echo '{"name": "arm64"}' >arm64/sbom.json
cat >artifact.py <<'PY'
import http.server
import os
import threading

import oras.client


class Registry(http.server.BaseHTTPRequestHandler):
    """As much of a registry as one push and one pull need."""

    stored = {}
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_POST(self):
        self.answer(202, Location="/v2/app/blobs/uploads/1")

    def do_PUT(self):
        path, _, query = self.path.partition("?digest=")
        key = query.replace("%3A", ":") or path.rpartition("/")[2]
        self.stored[key] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201)

    def do_GET(self):
        key = self.path.rpartition("/")[2]
        self.answer(200, self.stored[key]) if key in self.stored else self.answer(404)

    do_HEAD = do_GET


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
threading.Thread(target=server.serve_forever, daemon=True).start()
target = f"127.0.0.1:{server.server_port}/app:1.0"
client = oras.client.OrasClient(insecure=True)
pushed = client.push(target=target, files=["amd64/sbom.json", "arm64/sbom.json"])
layers = client.get_manifest(target)["layers"]
print("pushed:", pushed.status_code, *(one["annotations"]["org.opencontainers.image.title"] for one in layers))
print("digests:", len({one["digest"] for one in layers}))
print("pulled:", *(os.path.relpath(file) for file in client.pull(target=target, outdir="pulled")))
for folder, _, names in os.walk("pulled"):
    for name in names:
        print("left:", name, open(os.path.join(folder, name)).read().strip())
PY
venv/bin/python artifact.py >seen
cat seen
[ "$(cat seen)" = 'pushed: 201 sbom.json sbom.json
digests: 2
pulled: pulled/sbom.json pulled/sbom.json
left: sbom.json {"name": "arm64"}' ] || { echo "the behaviour has changed"; exit 1; }
