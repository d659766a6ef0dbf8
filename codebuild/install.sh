#!/bin/sh
#
# install.sh FOLDER: makes the tool of the clone that contains this script available as FOLDER/bin/ecr-push: from the
# bundle of a release, else installed.
#
# Nothing of the source that is built is read: programs that read settings from their current directory are
# started in FOLDER.

set -eu

die() {
  printf '%s\n' "ecr-push: $*" >&2
  exit 1
}

# quoted WORD: prints WORD as the shell reads it back.
quoted() {
  printf "'%s'" "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")"
}

source=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
cd "$1"
folder=$(pwd)
. "$source/requirements/environment.sh"
no_python='ecr-push needs Python 3.10 or later. On images of CodeBuild: runtime-versions, python: "3.12"'
bundle=$source/jenkins/resources/io/ecrpush/bundle
if has_bundle "$bundle" "${ECR_PUSH_SANDBOX:-}"; then
  [ -f "$bundle/start.py" ] ||
    die 'the file start.py of ecr-push cannot be read. Take the release again: a cache or mirror may lack it'
  find_starter || die "$no_python"
  command="$(quoted "$python") $python_flags $(quoted "$bundle/start.py")"
else
  lock=$source/requirements/$(lock_for "${ECR_PUSH_SANDBOX:-}")
  find_python || die "$no_python"
  install_lock venv "$lock" || die 'could not install the dependencies, see above. A project in a VPC without' \
    'internet access needs its own package index: PIP_INDEX_URL, or UV_DEFAULT_INDEX with uv'
  add_source venv "$source"
  command="$(quoted "$folder/venv/bin/python") -I -m ecr_push.cli"
fi

mkdir bin
cat >bin/ecr-push <<END
#!/bin/sh
exec $command "\$@"
END
chmod +x bin/ecr-push
bin/ecr-push --version
