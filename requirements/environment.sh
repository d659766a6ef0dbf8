# What the tool runs in, on each CI: the bundle that a release carries (`has_bundle FOLDER SANDBOX`,
# `find_starter`), or an environment that is installed (`find_python`, `lock_for SANDBOX`,
# `install_lock FOLDER LOCK`, `add_source`).
#
# Nothing of the source that is built is read: -I makes Python ignore the current directory, PYTHONPATH and the
# user's packages. pip and uv read settings from the current directory: call these functions outside of the
# source.

# has_bundle FOLDER SANDBOX: whether FOLDER holds a bundle and it is enough: the sandbox is not in it. SANDBOX is
# any value of a boolean setting.
has_bundle() {
  [ -d "$1" ] && ! is_yes "$2"
}

# find_starter: sets $python to the path of any interpreter that runs, and $python_flags to what keeps it from
# reading anything but its own library. The bundle's start.py looks at its version, and for a newer one. Returns 1
# if there is no Python at all.
find_starter() {
  python_flags='-I -S'
  for python in python3 python3.15 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
    [ "$python" != python ] || python_flags='-E -s' # Python 2 has no -I
    python=$(command -v "$python") && starts_python && return
  done
  return 1
}

# starts_python: whether $python is more than a name: pyenv has scripts for Pythons that it does not have. Only
# scripts are tried, so that a usual start costs no process; $python is what they start, since they search for
# it each time.
starts_python() {
  python_start=
  IFS= read -r python_start 2>/dev/null <"$python" || true
  case $python_start in
    '#!'*)
      # shellcheck disable=SC2086
      python=$("$python" $python_flags -c 'import sys; sys.stdout.write(sys.executable)' 2>/dev/null </dev/null) &&
        [ -n "$python" ]
      ;;
  esac
}

# is_yes VALUE: whether a boolean setting is on.
is_yes() {
  case $1 in
    1 | [Oo][Nn] | [Tt] | [Tt][Rr][Uu][Ee] | [Yy] | [Yy][Ee][Ss]) ;;
    *) return 1 ;;
  esac
}

# find_python: sets $python to an interpreter of 3.10 or later, $python_tag to its cache tag, and $python_pip to
# what can install packages without uv: pip, ensurepip or none, in this order of preference. Returns 1 if there
# is no such interpreter.
find_python() {
  find_python_with pip || find_python_with ensurepip || find_python_with none
}

find_python_with() {
  for python in python3 python3.15 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
    if python_found=$("$python" -I -c '
import sys
from importlib.util import find_spec
if sys.version_info < (3, 10):
    sys.exit(1)
pip = next((name for name in ("pip", "ensurepip") if find_spec(name)), "none")
if pip != sys.argv[1]:
    sys.exit(1)
print(sys.implementation.cache_tag, pip, sys.executable)
' "$1" 2>/dev/null); then
      # sys.executable, because the one in the PATH may be a script that searches for it at each start.
      python=${python_found#* * } python_found=${python_found% "$python"}
      python_tag=${python_found% *} python_pip=${python_found#* }
      return
    fi
  done
  return 1
}

# lock_for SANDBOX: prints the name of the lock that a run needs. SANDBOX is any value of a boolean setting.
lock_for() {
  if is_yes "$1"; then echo base.txt; else echo run.txt; fi
}

# install_lock FOLDER LOCK: creates an environment of $python with exactly the packages of LOCK, each file
# checked by its hash. The lock is complete, so that no dependencies have to be resolved.
install_lock() (
  # The user decides where packages come from, but not what is installed, nor where.
  for name in $(env | sed -n 's/^\(\(PIP\|UV\)_[A-Za-z0-9_]*\)=.*/\1/p'); do
    case $(printf '%s' "$name" | tr '[:lower:]' '[:upper:]') in
      *INDEX* | *URL* | *FIND_LINKS | *CERT* | *PROXY* | *HOST* | *TIMEOUT | *RETRIES | *CACHE* | *CONFIG*) ;;
      *KEYRING* | *TLS* | *OFFLINE | *CREDENTIALS* | *HTTP* | PIP_USE_FEATURE) ;;
      *) unset "$name" ;;
    esac
  done
  # These override the settings files too.
  export PIP_REQUIRE_VIRTUALENV=0 PIP_USER=0 PIP_ROOT_USER_ACTION=ignore
  # In a container the user may have no home for a cache.
  if ! [ -w "${HOME:-/nowhere}" ]; then
    [ "${UV_CACHE_DIR:-}" ] || export UV_NO_CACHE=1
    [ "${PIP_CACHE_DIR:-}" ] || export PIP_NO_CACHE_DIR=1
  fi
  exec >&2
  if command -v uv >/dev/null; then
    uv venv --quiet --no-project --python "$python" "$1" &&
      uv pip install --quiet --python "$1/bin/python" --no-deps --require-hashes -r "$2"
  elif [ "$python_pip" = pip ]; then
    # Without its own pip an environment takes a tenth of the time.
    "$python" -I -m venv --without-pip "$1" && install_halves "$1" "$2"
  elif [ "$python_pip" = ensurepip ]; then
    "$python" -I -m venv "$1" && python=$1/bin/python && install_halves "$1" "$2"
  else
    echo 'ecr-push: there is neither uv nor pip, nor the ensurepip of Python (on Debian: python3-venv)'
    return 1
  fi
)

# install_halves FOLDER LOCK: pip's time is nearly all processor time, on one core. So two of them share the
# lock, every other package each.
install_halves() {
  halves=$1/halves
  mkdir "$halves"
  : >"$halves/lock.0" && : >"$halves/lock.1"
  AT=$halves awk '/^[^ #]/ { n++ } { print > (ENVIRON["AT"] "/lock." n % 2) }' "$2" || return
  install_half "$halves" 0 &
  # Otherwise the one in the background would continue.
  trap 'kill "$!" 2>/dev/null; exit 130' INT TERM HUP
  if install_half "$halves" 1; then
    wait "$!" || return
  else
    wait "$!" || true
    return 1
  fi
  rm -rf "$halves"/*/bin
  mv "$halves"/site.?/* "$1"/lib/py*/site-packages/ && rm -rf "$halves"
}

# install_half FOLDER NUMBER: installs lock.NUMBER of FOLDER to its site.NUMBER.
install_half() (
  # pip unpacks to TMPDIR and moves the result: a rename on one file system.
  mkdir "$1/temporary.$2"
  export TMPDIR="$1/temporary.$2"
  "$python" -I -m pip install --target "$1/site.$2" --quiet --no-input --no-color --no-compile \
    --disable-pip-version-check --no-deps --require-hashes -r "$1/lock.$2"
)

# add_source FOLDER SOURCE: adds our own code to the environment, directly from the clone: nothing is built. The
# archive of a release has it once, in the Jenkins library.
add_source() {
  if ! [ -d "$2/ecr_push" ]; then
    "$1/bin/python" -I "$2/jenkins/resources/io/ecrpush/unpack.py"
    return
  fi
  site=$("$1/bin/python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))') || return
  version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$2/pyproject.toml")
  printf '%s\n' "$2" >"$site/ecr-push.pth"
  mkdir "$site/ecr_push-$version.dist-info"
  printf 'Metadata-Version: 2.1\nName: ecr-push\nVersion: %s\n' "$version" \
    >"$site/ecr_push-$version.dist-info/METADATA"
}
