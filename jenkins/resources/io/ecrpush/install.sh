#!/bin/sh
#
# install.sh LOCK: the ecr-push in package.txt, with what LOCK names, into cli/ beside this script.
#
# Nothing is read from the working directory: a checkout may hold a pip/ or a venv.py of its own. What is
# installed is for one call alone: a folder that outlives it could be filled by somebody else's pull request.

set -eu
lock=$1
cd "$(dirname "$0")"

fail() {
  printf 'ecr-push: %s\n' "$*" >&2
  exit 1
}

# The second word is whether this Python's pip can install for another one: 22.3 and later.
ask='
import sys
if sys.version_info < (3, 10):
    sys.exit(1)
try:
    import pip
    able = tuple(map(int, pip.__version__.split(".")[:2])) >= (22, 3)
except (ImportError, ValueError):
    able = False
print("found", "pip" if able else "old")
'
python='' told=''
for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
  if path=$(command -v "$name") && told=$("$path" -I -c "$ask" 2>/dev/null); then
    python=$path
    break
  fi
done
[ -n "$python" ] || fail "this agent has no Python 3.10 or later on its PATH ($(python3 -V 2>&1 || true))"

# The lock is complete: nobody need look for more.
run_pip() {
  "$@" install --quiet --no-input --no-compile --disable-pip-version-check --no-deps --require-hashes -r "$lock"
}

install() {
  if command -v uv >/dev/null; then
    # In a container the user may have no home to keep a cache in.
    [ -w "${HOME:-/nowhere}" ] || export UV_NO_CACHE=1
    uv venv --quiet --no-project --python "$python" cli &&
      uv pip install --quiet --no-deps --python cli/bin/python --require-hashes -r "$lock"
  elif [ "$told" = 'found pip' ]; then
    # Without a pip of its own an environment is made in a tenth of the time.
    "$python" -I -m venv --without-pip cli && run_pip "$python" -I -m pip --python cli/bin/python
  elif "$python" -I -c 'import ensurepip' 2>/dev/null; then
    "$python" -I -m venv cli && run_pip cli/bin/python -I -m pip
  else
    fail "this agent has neither uv, nor pip 22.3 or later, nor Python's ensurepip (on Debian: python3-venv)"
  fi
}

install >&2 || fail "what ecr-push needs could not be installed. An agent without the internet needs an index \
of its own: PIP_INDEX_URL, or UV_DEFAULT_INDEX with uv"
cli/bin/python -I unpack.py
