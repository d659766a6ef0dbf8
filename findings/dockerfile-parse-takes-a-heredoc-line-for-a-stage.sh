#!/bin/sh
# Package: dockerfile-parse 2.0.1 (PyPI).
# Expected: the lines of a here-document (Dockerfile syntax 1.4, the default of BuildKit since 2021) belong to
#           the RUN above them, so that the base image is the one of the only FROM instruction.
# Seen:     every line of the here-document is read as an instruction of its own. A line that begins with
#           "from" becomes a build stage, the reported base image is that line's next word, and the labels
#           before it are lost.
# Effect:   a report of base images or labels that is built on this library describes another image than the one
#           that BuildKit builds.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dockerfile-parse==2.0.1
"$work/venv/bin/python" - <<'PY'
import io
from dockerfile_parse import DockerfileParser
text = b"""FROM debian:12
LABEL team=web
RUN <<SCRIPT
cat > /letter <<END
from sender to reader
END
SCRIPT
"""
parsed = DockerfileParser(fileobj=io.BytesIO(text))
print("base image:", parsed.baseimage)
print("stages:", parsed.parent_images)
print("labels:", dict(parsed.labels))
assert parsed.baseimage == "sender", "the behaviour has changed"
assert parsed.parent_images == ["debian:12", "sender"], "the behaviour has changed"
assert dict(parsed.labels) == {}, "the behaviour has changed"
PY
echo "as recorded"
