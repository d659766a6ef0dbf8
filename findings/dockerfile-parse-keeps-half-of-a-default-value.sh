#!/bin/sh
# Package: dockerfile-parse 2.0.1 (PyPI).
# Expected: variables are replaced as the Dockerfile reference says under "Environment replacement", since the library
#           replaces them (`env_replace`): ${TAG:-11} is the value of TAG or else 11, ${TAG:+12} is 12 if TAG is set.
# Seen:     the name is replaced and the rest of the expression stays as text: with `ARG TAG=12`, the base image of
#           `FROM debian:${TAG:-11}` is "debian:12:-11}", without a value it is "debian::-11}", and labels likewise.
# Effect:   a report of base images, or a tool that pins them, works with a reference that names no image; a label
#           with a version gets a value that the built image does not have.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check dockerfile-parse==2.0.1
cat >values.py <<'PY'
import io

from dockerfile_parse import DockerfileParser

for text in (
    "ARG TAG=12\nFROM debian:${TAG}\nARG VERSION=2.0\nLABEL version=${VERSION}\n",
    "ARG TAG=12\nFROM debian:${TAG:-11}\nARG VERSION=2.0\nLABEL version=${VERSION:-1.0}\n",
    "ARG TAG\nFROM debian:${TAG:-11}\nARG VERSION\nLABEL version=${VERSION:-1.0}\n",
    "ARG TAG=12\nFROM debian:${TAG:+slim}\nARG VERSION=2.0\nLABEL version=${VERSION:+known}\n",
):
    parsed = DockerfileParser(fileobj=io.BytesIO(text.encode()))
    print(text.splitlines()[1], "|", parsed.baseimage, "|", parsed.labels["version"])
PY
venv/bin/python values.py >seen
cat seen
[ "$(cat seen)" = 'FROM debian:${TAG} | debian:12 | 2.0
FROM debian:${TAG:-11} | debian:12:-11} | 2.0:-1.0}
FROM debian:${TAG:-11} | debian::-11} | :-1.0}
FROM debian:${TAG:+slim} | debian:12:+slim} | 2.0:+known}' ] || { echo "the behaviour has changed"; exit 1; }
