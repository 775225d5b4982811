# One image for every part of ADF: `adf up`, `adf webhook`, `adf federation`, and the rest of the command. docs/operations.md, Containers.
#
# Pin the base by digest: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY . .
# Only what says which packages are needed: what follows is built anew when that changes, and not with every line of source.
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -exec rm {} +

FROM ${NODE_IMAGE} AS pages
# For a proxy with certificates of its own, a file in the base image.
ARG NODE_EXTRA_CA_CERTS
ENV NODE_ENV=development
WORKDIR /app
COPY --from=manifests /app .
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
COPY packages ./packages
COPY grafana-app-plugin ./grafana-app-plugin
RUN node grafana-app-plugin/build/main.ts

FROM ${NODE_IMAGE} AS packages
ARG NODE_EXTRA_CA_CERTS
WORKDIR /app
COPY --from=manifests /app .
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error \
  && rm -rf grafana-app-plugin/node_modules bench test

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION
LABEL org.opencontainers.image.title="ADF" \
  org.opencontainers.image.description="Anomaly Detection Framework: what broke, from the OpenTelemetry data that you already have" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# Data are in /data and nowhere else: the root file system may be read-only. /tmp holds what Node made of the sources, and may be a tmpfs.
ENV NODE_ENV=production \
  NODE_COMPILE_CACHE=/tmp/adf-cache \
  HEALTH_PORT=8080
WORKDIR /app
COPY --from=packages /app ./
COPY package.json LICENSE CHANGELOG.md ./
COPY packages ./packages
COPY collector-processor ./collector-processor
COPY alertmanager-webhook ./alertmanager-webhook
COPY federation-server ./federation-server
COPY demo ./demo
COPY provisioning ./provisioning
COPY grafana-app-plugin/package.json ./grafana-app-plugin/
COPY grafana-app-plugin/host ./grafana-app-plugin/host
COPY --from=pages /app/grafana-app-plugin/dist ./grafana-app-plugin/dist
RUN mkdir -p /data && chown 1000:1000 /data
USER 1000:1000
WORKDIR /data
VOLUME /data
EXPOSE 4317 4318 8080 8081 8082
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT}/health`).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
# As in the first line of adf.mjs.
ENV MALLOC_ARENA_MAX=2
ENTRYPOINT ["node", "--max-semi-space-size=4", "/app/packages/cli/bin/adf.mjs"]
CMD ["up", "--console", "off"]
