#!/bin/sh
#
# install.sh PLACE: the ecr-push beside this script, ready to run under PLACE. Its Python is printed.
#
# Nothing is read from the working directory: a checkout may hold a pip/ or a venv.py of its own. What is
# installed is named after everything that it follows from, comes to its name in one step, and is used again.

set -eu
place=$1
cd "$(dirname "$0")"

fail() { printf 'ecr-push: %s\n' "$*" >&2; exit 1; }

new_enough='import sys; sys.exit(sys.version_info < (3, 10))'
python=
for one in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
  if command -v "$one" >/dev/null && "$one" -I -c "$new_enough" 2>/dev/null; then
    python=$(command -v "$one")
    break
  fi
done
[ -n "$python" ] || fail "this agent has no Python 3.10 or later on its PATH: $(python3 -V 2>&1 || true)"

home=$place/cli-$("$python" -I package.py key)
if [ ! -d "$home" ]; then
  new=$(mktemp -d "$place/new-XXXXXX")
  trap 'rm -rf "$new"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  made=$new/cli
  pip_can='import pip, sys; sys.exit(tuple(map(int, pip.__version__.split(".")[:2])) < (22, 3))'
  if command -v uv >/dev/null; then
    [ -w "${HOME:-/nowhere}" ] || export UV_NO_CACHE=1
    uv venv --quiet --no-project --python "$python" "$made" >&2
    uv pip install --quiet --python "$made/bin/python" --require-hashes -r requirements.txt >&2
  elif "$python" -I -c "$pip_can" 2>/dev/null; then
    # Without a pip of its own an environment is made in a tenth of the time.
    "$python" -I -m venv --without-pip "$made" >&2
    "$python" -I -m pip --python "$made/bin/python" install --quiet --disable-pip-version-check \
      --require-hashes -r requirements.txt >&2
  elif "$python" -I -c 'import ensurepip, venv' 2>/dev/null; then
    "$python" -I -m venv "$made" >&2
    "$made/bin/python" -I -m pip install --quiet --disable-pip-version-check \
      --require-hashes -r requirements.txt >&2
  else
    fail "this agent has neither uv, nor pip 22.3 or later, nor Python's venv (on Debian: python3-venv)"
  fi
  "$made/bin/python" -I package.py unpack
  "$python" -I package.py settle "$made" "$home"
fi
"$python" -I package.py prune "$place" "$home"
printf '%s\n' "$home/bin/python"
