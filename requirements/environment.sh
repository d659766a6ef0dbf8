# An environment for the tool, on each of the CIs: `find_python`, `lock_for SANDBOX`, `install_lock FOLDER LOCK`,
# `add_source`.
#
# Nothing of the source that is built is read: -I keeps Python from the present directory, PYTHONPATH and the
# user's packages. pip and uv read settings from the directory that they are started in: be outside of it.

# find_python: sets $python to one that is 3.10 or later, $python_tag to what tells its versions apart, and
# $python_pip to what brings packages where uv is not: one that has that goes before one that has not.
# Returns 1 where there is none.
find_python() {
  find_python_with pip || find_python_with ensurepip || find_python_with none
}

find_python_with() {
  for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
    if python_told=$("$python" -I -c '
import sys
from importlib.util import find_spec
if sys.version_info < (3, 10):
    sys.exit(1)
pip = next((name for name in ("pip", "ensurepip") if find_spec(name)), "none")
if pip != sys.argv[1]:
    sys.exit(1)
print(sys.implementation.cache_tag, pip, sys.executable)
' "$1" 2>/dev/null); then
      # Its own path: what stands in the PATH may be a script that looks for it, each time anew.
      python=${python_told#* * } python_told=${python_told% "$python"}
      python_tag=${python_told% *} python_pip=${python_told#* }
      return
    fi
  done
  return 1
}

# lock_for SANDBOX: the name of the lock with what a run needs, by the words for yes that the settings know.
lock_for() {
  case $(printf '%s' "$1" | tr '[:upper:]' '[:lower:]') in
    1 | on | t | true | y | yes) echo base.txt ;;
    *) echo run.txt ;;
  esac
}

# install_lock FOLDER LOCK: an environment of $python with exactly what LOCK names, each file checked by its
# hash. The lock is complete, so that nobody need work out what a package depends on.
install_lock() (
  # Where packages come from is the user's to say; what is installed, and where to, is not.
  for name in $(env | sed -n 's/^\(\(PIP\|UV\)_[A-Za-z0-9_]*\)=.*/\1/p'); do
    case $(printf '%s' "$name" | tr '[:lower:]' '[:upper:]') in
      *INDEX* | *URL* | *FIND_LINKS | *CERT* | *PROXY* | *HOST* | *TIMEOUT | *RETRIES | *CACHE* | *CONFIG*) ;;
      *KEYRING* | *TLS* | *OFFLINE | *CREDENTIALS* | *HTTP* | PIP_USE_FEATURE) ;;
      *) unset "$name" ;;
    esac
  done
  # Nor is it a settings file's.
  export PIP_REQUIRE_VIRTUALENV=0 PIP_USER=0 PIP_ROOT_USER_ACTION=ignore
  # In a container the user may have no home to keep a cache in.
  if ! [ -w "${HOME:-/nowhere}" ]; then
    [ "${UV_CACHE_DIR:-}" ] || export UV_NO_CACHE=1
    [ "${PIP_CACHE_DIR:-}" ] || export PIP_NO_CACHE_DIR=1
  fi
  exec >&2
  if command -v uv >/dev/null; then
    uv venv --quiet --no-project --python "$python" "$1" &&
      uv pip install --quiet --python "$1/bin/python" --no-deps --require-hashes -r "$2"
  elif [ "$python_pip" = pip ]; then
    # Without a pip of its own an environment is made in a tenth of the time.
    "$python" -I -m venv --without-pip "$1" && install_halves "$1" "$2"
  elif [ "$python_pip" = ensurepip ]; then
    "$python" -I -m venv "$1" && python=$1/bin/python && install_halves "$1" "$2"
  else
    echo 'ecr-push: there is neither uv nor pip, nor the ensurepip of Python (on Debian: python3-venv)'
    return 1
  fi
)

# install_halves FOLDER LOCK: nearly all of pip's time is the processor's, and it uses one of them. So two of
# it share the lock, every other package each.
install_halves() {
  halves=$1/halves
  mkdir "$halves"
  : >"$halves/lock.0" && : >"$halves/lock.1"
  AT=$halves awk '/^[^ #]/ { n++ } { print > (ENVIRON["AT"] "/lock." n % 2) }' "$2" || return
  install_half "$halves" 0 &
  # In the background it would go on to its end.
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

# install_half FOLDER NUMBER: what is in its site.NUMBER then is what lock.NUMBER in it names.
install_half() (
  # pip makes it there, and moves it: on one file system that is a rename.
  mkdir "$1/temporary.$2"
  export TMPDIR="$1/temporary.$2"
  "$python" -I -m pip install --target "$1/site.$2" --quiet --no-input --no-color --no-compile \
    --disable-pip-version-check --no-deps --require-hashes -r "$1/lock.$2"
)

# add_source FOLDER SOURCE: our own code in that environment, taken from the clone as it is: nothing is built.
add_source() {
  site=$("$1/bin/python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))') || return
  version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$2/pyproject.toml")
  printf '%s\n' "$2" >"$site/ecr-push.pth"
  mkdir "$site/ecr_push-$version.dist-info"
  printf 'Metadata-Version: 2.1\nName: ecr-push\nVersion: %s\n' "$version" \
    >"$site/ecr_push-$version.dist-info/METADATA"
}
