#!/bin/sh
# Package:  botocore 1.44.5 (PyPI).
# Expected: a session, before any client and any call, sets up a few objects: it raises a handful of exceptions.
# Seen:     it raises and catches more than 5,000, all in one place: each name of an event that is registered is
#           split and searched for each of 65 former names of services by list.index, which raises ValueError with
#           a text. Each client after that raises some 200 more there.
# Effect:   a sixth of the processor time of a short program that calls AWS once. A program that watches raised
#           exceptions (a debugger that stops at each, a profiler, sys.settrace) crawls through it.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check botocore==1.44.5
cat >count.py <<'PY'
import sys

import botocore.session

caught = {}


def watch(frame, event, arg):
    if event == "c_exception":
        where = f"{frame.f_code.co_name}, {arg.__qualname__}"
        caught[where] = caught.get(where, 0) + 1


def counted(work):
    caught.clear()
    sys.setprofile(watch)
    try:
        result = work()
    finally:
        sys.setprofile(None)
    [(where, most), *_] = sorted(caught.items(), key=lambda one: -one[1])
    others = sum(caught.values()) - most
    return result, where, most, others


def client():
    return session.create_client(
        "ecr", "eu-west-1", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="dummy"
    )


session, where, most, others = counted(botocore.session.get_session)
print(f"a session: {most} in {where}, {others} elsewhere")
client()
_, again, repeated, _ = counted(client)
print(f"a second client: {repeated} in {again}")
here = "_alias_event_name, list.index"
sys.exit(not (where == again == here and most > 5000 and others < 10 and repeated > 150))
PY
env -i PATH="$PATH" HOME="$work" venv/bin/python count.py || { echo "the behaviour has changed"; exit 1; }
