#!/bin/sh
#
# A build needs a Docker engine. CodeBuild has two ways to provide one, and neither is on by default. Another builder
# needs none: docs/builders.md.

if [ -n "${ECR_PUSH_BUILDER:-}${BUILDKIT_HOST:-}" ]; then exit 0; fi
if version=$(docker info --format '{{.ServerVersion}}' 2>&1); then
  printf '%s\n' "ecr-push: Docker $version"
  exit 0
fi
printf '%s\n' "$version" \
  'ecr-push: no Docker engine answers, so that nothing can be built. Configure one in the project:' \
  '  - privileged mode: environment, PrivilegedMode: true ("Privileged" in the console), or' \
  '  - a Docker server: environment, DockerServer, which keeps its layers between builds' \
  'Lambda compute (BUILD_LAMBDA_…) has no Docker at all: use EC2 compute, such as BUILD_GENERAL1_MEDIUM.' \
  'A custom image must contain the docker client, and in privileged mode it must start dockerd.' >&2
exit 1
