#!/bin/sh
#
# install.sh SANDBOX: the ecr-push in package.txt, with what its lock names, into cli/ beside this script. SANDBOX
# is what was said of the setting of that name.
#
# Nothing is read from the working directory: a checkout may hold a pip/ or a venv.py of its own. What is
# installed is for one call alone: a folder that outlives it could be filled by somebody else's pull request.

set -eu
sandbox=$1
cd "$(dirname "$0")"

fail() {
  printf 'ecr-push: %s\n' "$*" >&2
  exit 1
}

. ./environment.sh
lock=$(lock_for "$sandbox")
find_python ||
  fail "this agent has no Python 3.10 or later on its PATH ($( (python3 -V || echo "no python3 at all") 2>/dev/null))"
install_lock cli "$lock" >&2 || fail "what ecr-push needs could not be installed. An agent without the internet \
needs an index of its own: PIP_INDEX_URL, or UV_DEFAULT_INDEX with uv"
cli/bin/python -I unpack.py
