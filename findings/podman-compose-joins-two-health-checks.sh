#!/bin/sh
# Package: podman-compose 1.6.0 (PyPI).
# Expected: of two Compose files, the second one's `healthcheck: test` replaces the first one's, as `command` and
#           `entrypoint` do (docs.docker.com/reference/compose-file/merge, "Shell commands"), and a port or secret that
#           both files name is there once ("Unique resources").
# Seen:     `command` and `entrypoint` are replaced. The lists of the two tests are joined to one command, in which the
#           words of the second test are arguments of the first; the port and the secret are there twice.
# Effect:   an override for production whose test asks the server's port leaves the test of the base file in force:
#           with `["CMD", "true"]` there, a container is healthy whatever it does.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check podman-compose==1.6.0
cat >compose.yaml <<'YAML'
services:
  app:
    image: registry.example.org/app:1.4.2
    command: [serve, --debug]
    ports: ["80:80"]
    secrets: [key]
    healthcheck: {test: [CMD, "true"], interval: 5s}
YAML
cat >production.yaml <<'YAML'
services:
  app:
    command: [serve]
    ports: ["80:80"]
    secrets: [key]
    healthcheck: {test: [CMD, nc, -z, localhost, "80"]}
secrets:
  key: {file: ./key}
YAML
# podman-compose asks podman for its version before it merges files; nothing else is asked of it here.
printf '#!/bin/sh\necho podman version 5.0.0\n' >venv/bin/podman
chmod +x venv/bin/podman
PATH="$work/venv/bin:$PATH" venv/bin/podman-compose -f compose.yaml -f production.yaml config >merged.yaml
venv/bin/python - >seen <<'PY'
import yaml

app = yaml.safe_load(open("merged.yaml"))["services"]["app"]
print("command:", *app["command"])
print("test:", *app["healthcheck"]["test"])
print("ports:", *app["ports"])
print("secrets:", *app["secrets"])
PY
cat seen
[ "$(cat seen)" = "command: serve
test: CMD true CMD nc -z localhost 80
ports: 80:80 80:80
secrets: key key" ] || { echo "the behaviour has changed"; exit 1; }
