#!/bin/sh
#
# The action's one step: installs the tool beside the job, and becomes it. It decides nothing about the run.
#
# From action.yml come ECR_PUSH_… (the settings), COMMAND, ARGUMENTS and WORKING_DIRECTORY; from the runner
# GITHUB_ACTION_PATH, RUNNER_TEMP and GITHUB_OUTPUT.
#
# Nothing of the workspace is ever run here: -I keeps Python from the present directory, PYTHONPATH and the
# user's packages, and pip and uv, which read settings from the directory that they are started in, are
# started outside of it. What is installed is for this job alone: a folder that outlives it could be filled
# by somebody else's pull request.

set -eu
unset CDPATH

die() {
  printf '::error title=ecr-push::%s\n' "$*" >&2
  echo exit-code=2 >>"$GITHUB_OUTPUT"
  exit 2
}

# Holds if nothing below does: the job was ended, or the installation failed.
printf '%s\n' 'verdict=failed' 'critical=unknown' 'high=unknown' 'medium=unknown' 'low=unknown' \
  'counts-json={}' 'tags-json=[]' exit-code=unknown >>"$GITHUB_OUTPUT"

. "$GITHUB_ACTION_PATH/requirements/environment.sh"

# One argument a line. An empty line is an expression without a value: what stands after it is not to take
# the place that was meant for it.
break='
'
case ${ARGUMENTS:+$break${ARGUMENTS%"$break"}$break} in
  *"$break$break"*) die 'arguments: holds an empty line: an expression in it has no value' ;;
esac
set -f
IFS=$break
# shellcheck disable=SC2086
set -- $ARGUMENTS
unset IFS
set +f

case $COMMAND in
  run | plan | tags)
    [ $# = 0 ] || die "arguments: $COMMAND takes none; its settings are inputs of their own"
    ;;
  scan | promote) set -- -- "$@" ;;
  rollback)
    case $# in
      2) set -- "--to=$2" -- "$1" ;;
      *) set -- -- "$@" ;;
    esac
    ;;
  *) die 'command: expected run, plan, tags, scan, promote or rollback' ;;
esac
cd -- "${WORKING_DIRECTORY:-.}" 2>/dev/null || die 'working-directory: there is no such directory'
start=$PWD

cd "$RUNNER_TEMP"
find_python ||
  die 'this runner has no Python 3.10 or later on its PATH. Add actions/setup-python before this step, or' \
    'python3 to the image that the job runs in.'

lock=$GITHUB_ACTION_PATH/requirements/$(lock_for "${ECR_PUSH_SANDBOX:-}")
# Two versions of the action in one job have the same locks, maybe, but not the same code.
key=$({ printf '%s\n' "$GITHUB_ACTION_PATH" && cat "$lock"; } | cksum | tr -c '0-9\n' -)
environment=$RUNNER_TEMP/ecr-push-$python_tag-$key

if [ ! -x "$environment/bin/python" ]; then
  echo '::group::install ecr-push' >&2
  fresh=$(mktemp -d "$RUNNER_TEMP/ecr-push-install-XXXXXX")
  { install_lock "$fresh/it" "$lock" && add_source "$fresh/it" "$GITHUB_ACTION_PATH"; } >&2 || {
    echo '::endgroup::' >&2
    die 'the packages that ecr-push needs could not be installed; see "install ecr-push" above. A runner' \
      'without the internet needs an index of its own: PIP_INDEX_URL, or UV_DEFAULT_INDEX with uv.'
  }
  # Whole or not at all. Only bin/python is called in it, so that it works from anywhere.
  mv "$fresh/it" "$environment"
  rmdir "$fresh"
  echo '::endgroup::' >&2
fi

# The reports that the outputs name, besides those that were asked for.
reports=$(mktemp -d "$RUNNER_TEMP/ecr-push-XXXXXX")
ECRPUSH_JOB_REPORTS="json=$reports/result.json
html=$reports/report.html
markdown=$reports/report.md
sarif=$reports/report.sarif
junit=$reports/report.xml"
export ECRPUSH_JOB_REPORTS

cd "$start"
exec "$environment/bin/python" -I -m ecr_push.cli "$COMMAND" "$@"
