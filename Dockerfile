# The image of a release, ghcr.io/ecr-push/ecr-push: the bundle, git, and the docker client with buildx. The engine is
# that of the host: its socket is mounted, or DOCKER_HOST names it. It is built from a release's commit; a checkout of
# main has no bundle: scripts/bundle jenkins/resources/io/ecrpush/bundle --python python3.14
#
# `--build-context tools=docker-image://IMAGE` takes another base, which has the tools.

FROM python:3.14-slim-trixie AS tools
RUN apt-get update && \
    apt-get install --yes --no-install-recommends docker-buildx docker-cli git && \
    rm -rf /var/lib/apt/lists/*

FROM tools
COPY jenkins/resources/io/ecrpush/bundle /opt/ecr-push
COPY --chmod=755 <<'END' /usr/local/bin/ecr-push
#!/bin/sh
exec python3 -I -S /opt/ecr-push/start.py "$@"
END
# The checkout that is mounted belongs to another user than the one in here.
RUN git config --system --add safe.directory /src
WORKDIR /src
ENTRYPOINT ["ecr-push"]
CMD ["--help"]
