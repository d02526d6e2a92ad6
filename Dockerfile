# One image for every exporter: `docker run vigie exporter <source>`, `catalog`, or `fleet` for all of them in one container.
# Mount the YAML at /etc/vigie/exporters.yaml and secrets as files below /run/secrets.
FROM node:24-slim AS build
WORKDIR /vigie
COPY package.json package-lock.json .npmrc ./
# Install scripts are left out: the base image is the pinned Node.js, and nothing may compile.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
COPY demo demo
COPY test test
COPY bench bench
COPY torture torture
RUN node scripts/build.js && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
# STATE_DIRECTORY: what counters must not forget over a restart; mount a volume there, one for each replica.
# UV_THREADPOOL_SIZE: names that do not resolve take a thread each (src/threads.ts).
ENV NODE_ENV=production STATE_DIRECTORY=/var/lib/vigie UV_THREADPOOL_SIZE=32
RUN install -d -o node -g node /var/lib/vigie
VOLUME /var/lib/vigie
WORKDIR /etc/vigie
COPY --from=build /vigie/package.json /vigie/package.json
COPY --from=build /vigie/node_modules /vigie/node_modules
COPY --from=build /vigie/build/src /vigie/build/src
USER node
EXPOSE 9700
ENTRYPOINT ["node", "--single-threaded-gc", "/vigie/build/src/main.js"]
# Inside a container loopback is the container's own, so the listen address is said here and not in the program.
CMD ["fleet", "--listen", "0.0.0.0"]
