#!/bin/sh
#
# The action's only step: executes the tool, from the bundle of a release, else installed first. It decides nothing
# about the run.
#
# action.yml sets ECR_PUSH_… (the settings), COMMAND, ARGUMENTS and WORKING_DIRECTORY; the runner sets
# GITHUB_ACTION_PATH, RUNNER_TEMP and GITHUB_OUTPUT.
#
# Nothing from the workspace is executed here: -I makes Python ignore the current directory, PYTHONPATH and the
# user's packages. pip and uv read settings from the directory that they are started in, so they are started
# outside of the workspace. The installation is for this job only: someone else's pull request could write to
# a folder that outlives the job.

set -eu
unset CDPATH

die() {
  printf '::error title=ecr-push::%s\n' "$*" >&2
  echo exit-code=2 >>"$GITHUB_OUTPUT"
  exit 2
}

# The outputs if nothing below sets them: the job was cancelled, or the installation failed.
printf '%s\n' 'verdict=failed' 'critical=unknown' 'high=unknown' 'medium=unknown' 'low=unknown' \
  'counts-json={}' 'tags-json=[]' exit-code=unknown >>"$GITHUB_OUTPUT"

. "$GITHUB_ACTION_PATH/requirements/environment.sh"

# One argument on each line. An empty line is an expression without a value: the next argument must not take
# its place.
break='
'
case ${ARGUMENTS:+$break${ARGUMENTS%"$break"}$break} in
  *"$break$break"*) die 'arguments: contains an empty line: an expression in it has no value' ;;
esac
set -f
IFS=$break
# shellcheck disable=SC2086
set -- $ARGUMENTS
unset IFS
set +f

names_an_image() {
  [ "$1" != 0 ] || die "arguments: $COMMAND needs an image. An output that names one is empty where none was released," \
    'and in another job where GitHub found a secret in it'
}
case $COMMAND in
  run | plan | build | tags | matrix)
    [ $# = 0 ] || die "arguments: $COMMAND takes no arguments; its settings are separate inputs"
    ;;
  scan | promote | verify)
    names_an_image $#
    set -- -- "$@"
    ;;
  'deploy ecs' | 'deploy lambda' | 'deploy batch' | 'deploy sagemaker')
    names_an_image $#
    set -- "${COMMAND#deploy }" -- "$@"
    COMMAND=deploy
    ;;
  rollback)
    case $# in
      2) set -- "--to=$2" -- "$1" ;;
      *) set -- -- "$@" ;;
    esac
    ;;
  *) die 'command: expected run, plan, build, tags, matrix, scan, promote, verify, deploy ecs, deploy lambda,' \
    'deploy batch, deploy sagemaker or rollback' ;;
esac
cd -- "${WORKING_DIRECTORY:-.}" 2>/dev/null || die 'working-directory: there is no such directory'
start=$PWD

cd "$RUNNER_TEMP"
# The reports that the outputs name, in addition to those that the settings name.
reports=$(mktemp -d "$RUNNER_TEMP/ecr-push-XXXXXX")
ECRPUSH_JOB_REPORTS="json=$reports/result.json
html=$reports/report.html
markdown=$reports/report.md
sarif=$reports/report.sarif
junit=$reports/report.xml"
export ECRPUSH_JOB_REPORTS

without_python() {
  die 'this runner has no Python 3.10 or later in its PATH. Add actions/setup-python before this step, or' \
    'python3 to the image that the job runs in.'
}
bundle=$GITHUB_ACTION_PATH/jenkins/resources/io/ecrpush/bundle
if has_bundle "$bundle" "${ECR_PUSH_SANDBOX:-}"; then
  [ -f "$bundle/start.py" ] ||
    die 'the file start.py of ecr-push cannot be read. Take the release again: a cache or mirror may lack it'
  find_starter || without_python
  cd "$start"
  export ECRPUSH_ERROR_MARK='::error title=ecr-push::' ECRPUSH_OUTPUTS="$GITHUB_OUTPUT"
  # shellcheck disable=SC2086
  exec "$python" $python_flags "$bundle/start.py" "$COMMAND" "$@"
fi
find_python || without_python

lock=$GITHUB_ACTION_PATH/requirements/$(lock_for "${ECR_PUSH_SANDBOX:-}")
# Two versions of the action in one job may have the same locks, but not the same code.
key=$({ printf '%s\n' "$GITHUB_ACTION_PATH" && cat "$lock"; } | cksum | tr -c '0-9\n' -)
environment=$RUNNER_TEMP/ecr-push-$python_tag-$key

if [ ! -x "$environment/bin/python" ]; then
  echo '::group::install ecr-push' >&2
  fresh=$(mktemp -d "$RUNNER_TEMP/ecr-push-install-XXXXXX")
  { install_lock "$fresh/it" "$lock" && add_source "$fresh/it" "$GITHUB_ACTION_PATH"; } >&2 || {
    echo '::endgroup::' >&2
    die 'could not install the packages that ecr-push needs; see "install ecr-push" above. A runner' \
      'without internet access needs its own package index: PIP_INDEX_URL, or UV_DEFAULT_INDEX with uv.'
  }
  # Moved in one step when it is complete. Only its bin/python is called, so that it works at any path.
  mv "$fresh/it" "$environment"
  rmdir "$fresh"
  echo '::endgroup::' >&2
fi

cd "$start"
exec "$environment/bin/python" -I -m ecr_push.cli "$COMMAND" "$@"
