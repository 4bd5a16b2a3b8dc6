# One image for every service; PCE_SERVICES says which of them a container runs.

FROM node:20.20-bookworm-slim AS build
WORKDIR /app
COPY . .
# Not `npm ci`: see docs/adr/0009-lockfile.md. The install builds too (script "prepare").
RUN npm install --no-save --no-audit --no-fund && npm prune --omit=dev --ignore-scripts --no-save

FROM node:20.20-bookworm-slim
ENV NODE_ENV=production \
    PCE_BIND=0.0.0.0 \
    PCE_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app /app
# A volume mounted here for the first time takes over the owner.
RUN install -d -o node -g node /data
USER 1000:1000
VOLUME /data
EXPOSE 8080 11112
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s --retries=3 CMD ["node", "scripts/healthcheck.mjs"]
CMD ["node", "cli/bin/pce.js", "serve"]
