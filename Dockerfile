# A small image for paystream. It is built with the full toolchain and contains only Node and production dependencies.
FROM node:22.20.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/copy-assets.mjs scripts/
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22.20.0-bookworm-slim
LABEL org.opencontainers.image.title="paystream" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY package.json LICENSE ./
COPY ksql ksql
# paystream writes no files, so the root file system can be read-only.
USER 65532:65532
# Exec form, without a shell: Node runs as PID 1 and receives the signals itself.
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["--help"]
