#!/bin/sh
#
# A build needs a Docker engine. CodeBuild has two ways to one, and neither is on by default.

if version=$(docker info --format '{{.ServerVersion}}' 2>&1); then
  printf '%s\n' "ecr-push: Docker $version"
  exit 0
fi
printf '%s\n' "$version" \
  'ecr-push: no Docker engine answers, and nothing can be built. Give the project one:' \
  '  - privileged mode: environment, PrivilegedMode: true ("Privileged" in the console), or' \
  '  - a Docker server: environment, DockerServer, which keeps its layers between builds' \
  'Lambda compute (BUILD_LAMBDA_…) has no Docker at all: take EC2 compute, such as BUILD_GENERAL1_MEDIUM.' \
  'With an image of your own, the docker client must be in it, and under privileged mode dockerd be started.' >&2
exit 1
