# paystream as a small image: built with the whole toolchain, run with Node and production dependencies only.
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
# Everything that it writes goes to the network: the file system may be read-only.
USER 65532:65532
# Node is the image's first process and gets its signals itself; no shell stands between.
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["--help"]
