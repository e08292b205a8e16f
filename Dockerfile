# The images of Spanhook, a target each. From the repository's root:
#   docker build --target webhook --tag ghcr.io/spanhook/webhook:0.1.0 .
#   docker build --target node-agent --tag ghcr.io/spanhook/node-agent:0.1.0 .
# The agents' images have Dockerfiles of their own: agents/*/Dockerfile.

# Any image with Python 3.11 or newer and its venv will do; the digest pins what the tag says today.
ARG PYTHON_IMAGE=python:3.13.14-slim-trixie
ARG PYTHON_DIGEST=""
# The node agent's base: bcc comes from the distribution, for the distribution's own Python. Debian 12 is
# what the probes are tested with every day; they load with Debian 13's LLVM (19 instead of 14), too.
ARG DEBIAN_IMAGE=debian:bookworm-slim
ARG DEBIAN_DIGEST=""

FROM ${PYTHON_IMAGE}${PYTHON_DIGEST:+@${PYTHON_DIGEST}} AS base

# Only wheels: an image that needs no compiler cannot contain one. pip stays outside of what is copied.
# A mirror or an authority of one's own is given as a secret, which no layer keeps:
#   --secret id=pip.conf,src=...
FROM base AS packages
WORKDIR /src
RUN python3 -m venv /opt/pip && python3 -m venv --without-pip /opt/spanhook
COPY requirements/runtime.txt scripts/sbom.py ./
RUN --mount=type=cache,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    PIP_CACHE_DIR=/var/cache/pip /opt/pip/bin/pip --python /opt/spanhook/bin/python3 install \
        --disable-pip-version-check --quiet --no-compile --only-binary=:all: \
        --require-hashes --requirement runtime.txt --report report.json \
 && mkdir /usr/share/spanhook \
 && python3 sbom.py report.json > /usr/share/spanhook/sbom.cdx.json
# The webhook speaks JSON to the API server: of its client's 1,400 generated classes it uses none, and
# they are the larger half of all packages. Their folders stay, because the client imports those.
# Bytecode is for good: nothing can write it later.
RUN cd /opt/spanhook/lib/python3*/site-packages \
 && find kubernetes/client kubernetes/aio/client \
        '(' -path '*/api/*' -o -path '*/models/*' ')' ! -name __init__.py -delete \
 && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash . \
 && echo /app > spanhook.pth \
 && cd /opt/spanhook/bin \
 && find . -type f -delete \
 && printf '%s\n' '#!/opt/spanhook/bin/python3' 'from console.main import main' 'main()' > spanhook \
 && chmod 755 spanhook

FROM base AS runtime
RUN find /usr -depth '(' -name ensurepip -o -name python-wheels -o -name pip -o -name 'pip[-3]*' ')' \
        -exec rm -rf {} +
COPY --from=packages /opt/spanhook /opt/spanhook
COPY --from=packages /usr/share/spanhook /usr/share/spanhook
ENV PATH=/opt/spanhook/bin:$PATH \
    PYTHONFAULTHANDLER=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 65532:65532

FROM base AS webhook-sources
COPY certs /app/certs
COPY kube /app/kube
COPY registry /app/registry
COPY inspection /app/inspection
COPY webhook /app/webhook
COPY console /app/console
# A checkout's modes are its owner's business; here every user reads, and none but root writes.
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /app && chmod -R a+rX,go-w /app

# For Tilt: the sources are not compiled and belong to the user, who replaces them while they run.
FROM runtime AS development
COPY scripts/again /usr/local/bin/again
COPY --chown=65532:65532 certs /app/certs
COPY --chown=65532:65532 kube /app/kube
COPY --chown=65532:65532 registry /app/registry
COPY --chown=65532:65532 inspection /app/inspection
COPY --chown=65532:65532 webhook /app/webhook
COPY --chown=65532:65532 console /app/console
ENTRYPOINT ["again", "spanhook"]

# bcc, and with it the parts of LLVM that compile the probes on the node: two thirds of the image. The
# kernel's headers are not among it: those that probes need are in nodeagent/kernel/headers.
FROM ${DEBIAN_IMAGE}${DEBIAN_DIGEST:+@${DEBIAN_DIGEST}} AS node-agent-base
RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update --quiet=2 \
 && apt-get install --quiet=2 --yes --no-install-recommends ca-certificates python3 python3-bpfcc \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/debconf/*-old

# As for the webhook, with the packages of the extra node-agent.
FROM node-agent-base AS node-agent-packages
WORKDIR /src
RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update --quiet=2 \
 && apt-get install --quiet=2 --yes --no-install-recommends python3-venv
RUN python3 -m venv /opt/pip && python3 -m venv --without-pip /opt/spanhook
COPY requirements/node-agent.txt scripts/sbom.py ./
RUN --mount=type=cache,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    PIP_CACHE_DIR=/var/cache/pip /opt/pip/bin/pip --python /opt/spanhook/bin/python3 install \
        --disable-pip-version-check --quiet --no-compile --only-binary=:all: \
        --require-hashes --requirement node-agent.txt --report report.json \
 && mkdir /usr/share/spanhook \
 && python3 sbom.py report.json > /usr/share/spanhook/sbom.cdx.json
RUN cd /opt/spanhook/lib/python3*/site-packages \
 && find kubernetes/client kubernetes/aio/client \
        '(' -path '*/api/*' -o -path '*/models/*' ')' ! -name __init__.py -delete \
 && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash . \
 && echo /app > spanhook.pth \
 && cd /opt/spanhook/bin \
 && find . -type f -delete \
 && printf '%s\n' '#!/opt/spanhook/bin/python3' 'from console.main import main' 'main()' > spanhook \
 && chmod 755 spanhook

FROM node-agent-base AS node-agent-sources
COPY certs /app/certs
COPY kube /app/kube
COPY registry /app/registry
COPY inspection /app/inspection
COPY webhook /app/webhook
COPY nodeagent /app/nodeagent
COPY console /app/console
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /app && chmod -R a+rX,go-w /app

FROM node-agent-base AS node-agent
COPY --from=node-agent-packages /opt/spanhook /opt/spanhook
COPY --from=node-agent-packages /usr/share/spanhook /usr/share/spanhook
ENV PATH=/opt/spanhook/bin:$PATH \
    PYTHONFAULTHANDLER=1 \
    PYTHONDONTWRITEBYTECODE=1
COPY --from=node-agent-sources /app /app
# Root, which the DaemonSet leaves four capabilities: to no other user can Kubernetes give any.
USER 0:0
EXPOSE 9464
ENTRYPOINT ["spanhook"]
ARG VERSION=0.1.0
ARG REVISION=""
ARG DEBIAN_IMAGE
ARG DEBIAN_DIGEST
LABEL org.opencontainers.image.title="spanhook-node-agent" \
      org.opencontainers.image.description="Traces the Go programs of a node, and sees which runtimes run there" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/spanhook/spanhook" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${DEBIAN_IMAGE}" \
      org.opencontainers.image.base.digest="${DEBIAN_DIGEST}" \
      dev.spanhook.sbom="/usr/share/spanhook/sbom.cdx.json"

FROM runtime AS webhook
COPY --from=webhook-sources /app /app
EXPOSE 10250
ENTRYPOINT ["spanhook"]
# Last, so that another revision changes no layer.
ARG VERSION=0.1.0
ARG REVISION=""
ARG PYTHON_IMAGE
ARG PYTHON_DIGEST
LABEL org.opencontainers.image.title="spanhook-webhook" \
      org.opencontainers.image.description="Decides what a pod runs, and injects the OpenTelemetry agent for it" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/spanhook/spanhook" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${PYTHON_IMAGE}" \
      org.opencontainers.image.base.digest="${PYTHON_DIGEST}" \
      dev.spanhook.sbom="/usr/share/spanhook/sbom.cdx.json"
