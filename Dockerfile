# The worker as a container (docs/aws.md). It writes to /project and /tmp, and to nothing else.
ARG NODE=public.ecr.aws/docker/library/node:22.23.3-bookworm-slim

FROM ${NODE} AS build
WORKDIR /ringfence
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM ${NODE}
ENV NODE_ENV=production NO_COLOR=1 HOME=/project AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true
COPY --from=build /ringfence/package.json /ringfence/package.json
COPY --from=build /ringfence/node_modules /ringfence/node_modules
COPY --from=build /ringfence/dist /ringfence/dist
RUN mkdir /project && chown node:node /project
WORKDIR /project
# Fargate gives the owner of these folders to the disks that it puts there.
VOLUME ["/project", "/tmp"]
USER node
CMD ["node", "/ringfence/dist/cli/main.js", "worker"]
