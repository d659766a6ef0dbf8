#!/bin/sh
# Package: urllib3 2.8.0 (PyPI), which botocore and most registry clients in Python use.
# Expected: an answer with `Content-Length: 0` has no body to read: after `release_conn()` its connection is used
#           again, or is thrown away.
# Seen:     the connection goes back into the pool with the answer half open. The next request on it is sent, and
#           ends in ResponseNotReady; a POST is not tried again by default. To drain the empty body first avoids it.
# Effect:   a client that starts uploads of layers, each answered by `202` with an empty body, as the distribution
#           specification has it, fails at every second one as soon as it streams answers (`preload_content=False`).
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check 'urllib3==2.8.0'
cat >uploads.py <<'PY'
import http.server
import threading

import urllib3


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def do_POST(self):
        self.send_response(202)
        self.send_header("Location", "/v2/app/blobs/uploads/1")
        self.send_header("Content-Length", "0")
        self.end_headers()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/v2/app/blobs/uploads/"


def uploads(drain):
    pool = urllib3.PoolManager(maxsize=1)
    for _ in range(2):
        answer = pool.request("POST", url, preload_content=False)
        if drain:
            answer.drain_conn()
        answer.release_conn()
        yield str(answer.status)


for drain in (False, True):
    seen = []
    try:
        seen += uploads(drain)
    except urllib3.exceptions.ProtocolError as error:
        seen.append(type(error.args[1]).__name__)
    print("drained:" if drain else "released:", *seen)
server.shutdown()
PY
venv/bin/python uploads.py >seen
cat seen
[ "$(cat seen)" = "released: 202 ResponseNotReady
drained: 202 202" ] || { echo "the behaviour has changed"; exit 1; }
