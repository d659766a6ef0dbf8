#!/bin/sh
#
# install.sh FOLDER: the tool of the clone that this script is in, as FOLDER/bin/ecr-push.
#
# Dependencies come in the versions of the lock, each file checked against its hash; our own code is taken
# from the clone as it is, so that nothing is built. Nothing of the source that is built is read: -I keeps
# Python from the present directory, and pip and uv, which look for settings there, are started elsewhere.

set -eu

die() {
  printf '%s\n' "ecr-push: $*" >&2
  exit 1
}

source=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
cd "$1"
folder=$(pwd)
lock=$source/requirements/run.txt
[ -f "$lock" ] || lock=$source/requirements/base.txt

python=
for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
  if "$name" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    python=$name
    break
  fi
done
[ "$python" ] || die 'Python 3.10 or later is needed. On images of CodeBuild: runtime-versions, python: "3.12"'

if command -v uv >/dev/null; then
  uv venv --quiet --no-project --python "$python" venv &&
    uv pip install --quiet --python venv/bin/python --no-deps --require-hashes -r "$lock"
else
  # To give it a pip of its own takes seconds, and is needed where the one that is there is older than 22.3.
  "$python" -I -m venv --without-pip venv || die 'python3-venv is missing'
  if "$python" -I -m pip --python venv/bin/python --version >/dev/null 2>&1; then
    set -- "$python" -I -m pip --python venv/bin/python
  else
    "$python" -I -m venv venv && set -- venv/bin/python -I -m pip
  fi
  "$@" install --quiet --no-input --disable-pip-version-check --no-compile --no-deps --require-hashes \
    -r "$lock"
fi || die 'its dependencies could not be installed, see above. A project in a VPC without internet needs an' \
  'index of its own: PIP_INDEX_URL, or UV_DEFAULT_INDEX with uv'

site=$(venv/bin/python -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$source" >"$site/ecr-push.pth"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$source/pyproject.toml")
mkdir "$site/ecr_push-$version.dist-info"
printf 'Metadata-Version: 2.1\nName: ecr-push\nVersion: %s\n' "$version" \
  >"$site/ecr_push-$version.dist-info/METADATA"

mkdir bin
cat >bin/ecr-push <<END
#!/bin/sh
exec '$folder/venv/bin/python' -I -m ecr_push.cli "\$@"
END
chmod +x bin/ecr-push
bin/ecr-push --version
