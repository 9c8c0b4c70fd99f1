# `vramp serve` in a container: see docs/serve.md. Node runs the TypeScript as it is; there is nothing to build.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package of vramp's needs an install script to run.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production \
    VRAMP_SECRETS=/run/secrets \
    VRAMP_ALERT_TOKENS_SECRET=vramp-alert-tokens \
    VRAMP_INVOKE_TOKENS_SECRET=vramp-invoke-tokens
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY cli ./cli
COPY functions ./functions
COPY shared ./shared
# The memory's folder belongs to the user that writes to it; a volume mounted here takes that over.
RUN install -d -o node -g node -m 0700 /var/lib/vramp
USER node
VOLUME /var/lib/vramp
EXPOSE 8787
# Ready, not only alive: a process whose tick or memory has failed scales nothing.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8787/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/cli/vramp.ts"]
CMD ["serve", "--policy", "/etc/vramp/policy.yaml", "--memory", "/var/lib/vramp/memory.db", "--listen", "0.0.0.0:8787"]
