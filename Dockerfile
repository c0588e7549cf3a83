# Every image of the project, one target each: `docker build --target publisher --tag social-publisher .`
#
#   auth-linker, publisher, analytics   commands api (the default), worker, bootstrap, migrate
#   console                             the console's server with the built screens
#   operator                            `social`, the operators' command line, with all three services
#   sandbox                             the simulated platforms, for development and demos
#
# All but the sandbox share their layers up to their own code. docs/operating/compose.md tells how a release is built.
ARG PYTHON_IMAGE=python:3.13-slim
ARG NODE_IMAGE=node:24-slim

# --- built with -------------------------------------------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS build
ENV PIP_CACHE_DIR=/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1 \
    UV_CACHE_DIR=/cache/uv UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /build
COPY deploy/images/build.lock ./
RUN --mount=type=cache,target=/cache/pip \
    python -m venv tools && tools/bin/pip install --quiet --no-compile --require-hashes --requirement build.lock
ENV PATH=/build/tools/bin:$PATH

# What is installed comes from the lock, by hash; its list of parts is made from what was installed. Bytecode that is
# told apart by content and not by date is the same in every build, and cannot be written to a read-only root anyway.
FROM build AS packages
COPY requirements/run.lock deploy/images/members.pth ./
RUN --mount=type=cache,target=/cache/uv \
    uv venv --quiet --python /usr/local/bin/python3 /app/venv \
    && uv pip sync --quiet --python /app/venv --require-hashes run.lock \
    && mkdir /app/sbom && cyclonedx-py environment --output-reproducible --output-file /app/sbom/python.cdx.json /app/venv \
    && cp members.pth /app/venv/lib/python3.*/site-packages/ \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /app/venv/lib

# The sandbox takes what its own pyproject.toml names, at the versions and hashes of the local stack's lock.
FROM build AS sandbox-packages
COPY requirements/local.lock deploy/images/members.pth sandbox/pyproject.toml ./
RUN --mount=type=cache,target=/cache/uv \
    uv venv --quiet --python /usr/local/bin/python3 /app/venv \
    && uv pip install --quiet --python /app/venv --only-binary :all: --constraints local.lock --requirement pyproject.toml \
    && mkdir /app/sbom && cyclonedx-py environment --output-reproducible --output-file /app/sbom/python.cdx.json /app/venv \
    && cp members.pth /app/venv/lib/python3.*/site-packages/ \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /app/venv/lib

# Our own code lies as in the repository: a path in a traceback is one that a developer knows.
FROM build AS code
WORKDIR /app
COPY cli/src cli/src
COPY console/src console/src
COPY libs/common/src libs/common/src
COPY libs/platforms/src libs/platforms/src
COPY sandbox/src sandbox/src
COPY services/auth-linker services/auth-linker
COPY services/publisher services/publisher
COPY services/analytics services/analytics
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash .

FROM ${NODE_IMAGE} AS screens
WORKDIR /app/web
COPY web/package.json web/package-lock.json ./
RUN --mount=type=cache,target=/cache/npm npm ci --cache /cache/npm --no-audit --no-fund --loglevel error
# What changes from one minute to the next would make every list of parts another one.
RUN mkdir ../sbom \
    && npm sbom --omit dev --sbom-format cyclonedx | sed '/"serialNumber":/d; /"timestamp":/d' > ../sbom/screens.cdx.json
COPY contracts/openapi ../contracts/openapi
COPY web ./
RUN npm run --silent build -- --logLevel warn

# --- run by ---------------------------------------------------------------------------------------------------------
# Needs no shell, writes nowhere but to /tmp, and is nobody but itself.
FROM ${PYTHON_IMAGE} AS runtime
# Python's own modules come without bytecode, and a read-only root keeps none: every start would compile them again.
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash -x /site-packages/ /usr/local/lib/python3.*
ARG PYTHON_IMAGE
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.vendor="Seftec.Store" \
      org.opencontainers.image.base.name="${PYTHON_IMAGE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH=/app/venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN echo 'social:x:65532:65532:Social Connections:/tmp:/usr/sbin/nologin' >> /etc/passwd \
    && echo 'social:x:65532:' >> /etc/group \
    && install -d -o 65532 -g 65532 -m 0700 /etc/social /state
WORKDIR /app
COPY deploy/images/probe.py ./
USER 65532:65532

FROM runtime AS with-packages
# Whoever asks a container comes from outside.
ENV API_HOST=0.0.0.0
COPY --from=packages /app/sbom sbom
COPY --from=packages /app/venv venv
COPY --from=code /app/libs/common libs/common

FROM with-packages AS console
LABEL org.opencontainers.image.title="social-console" \
      org.opencontainers.image.description="The console's server: the screens, the session, one origin for the three APIs"
COPY --from=screens /app/sbom sbom
COPY --from=screens /app/web/dist web/dist
COPY --from=code /app/console console
ENTRYPOINT ["python", "-m", "social_console"]

FROM with-packages AS with-platforms
COPY --from=code /app/libs/platforms libs/platforms

FROM with-platforms AS auth-linker
LABEL org.opencontainers.image.title="social-auth-linker" \
      org.opencontainers.image.description="Connections: OAuth, token vault, refresh, token broker"
COPY --from=code /app/services/auth-linker services/auth-linker
ENTRYPOINT ["python", "-m", "auth_linker"]
CMD ["api"]

FROM with-platforms AS publisher
LABEL org.opencontainers.image.title="social-publisher" \
      org.opencontainers.image.description="Posts: plan, schedule, publish, settle doubt"
COPY --from=code /app/services/publisher services/publisher
ENTRYPOINT ["python", "-m", "publisher"]
CMD ["api"]

FROM with-platforms AS analytics
LABEL org.opencontainers.image.title="social-analytics" \
      org.opencontainers.image.description="Metrics: collect, derive, report"
COPY --from=code /app/services/analytics services/analytics
ENTRYPOINT ["python", "-m", "analytics"]
CMD ["api"]

FROM with-platforms AS operator
LABEL org.opencontainers.image.title="social-operator" \
      org.opencontainers.image.description="The operators' command line"
COPY --from=code /app/services services
COPY --from=code /app/cli cli
COPY deploy/topics.toml deploy/topics.toml
ENTRYPOINT ["python", "-m", "social_cli"]
CMD ["--help"]

FROM runtime AS sandbox
LABEL org.opencontainers.image.title="social-sandbox" \
      org.opencontainers.image.description="The social platforms and the identity provider, simulated; never for production"
COPY --from=sandbox-packages /app/sbom sbom
COPY --from=sandbox-packages /app/venv venv
COPY --from=code /app/sandbox sandbox
ENV SANDBOX_HOST=0.0.0.0 SANDBOX_STATE_DIR=/state
ENTRYPOINT ["python", "-m", "social_sandbox"]
