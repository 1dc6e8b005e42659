# The portal as an image, with what the steps of the samples need. First: npm run build. Then:
#   docker build -t mlops-portal .
#   docker run -p 7007:7007 -v mlops-data:/app/.data -e NODE_ENV=development --security-opt seccomp=unconfined mlops-portal
# NODE_ENV=development lets guests sign in, as npm start does; for others mount a configuration with a sign-in of your own. Steps run
# in namespaces of their own, which Docker's usual seccomp profile forbids: without the option only projects in mlops.local.trust run.
FROM node:22-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends git util-linux mount tar gzip && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY .yarn/releases .yarn/releases
COPY .yarnrc.yml package.json yarn.lock backstage.json ./
COPY packages/backend/dist/skeleton.tar.gz ./
RUN tar xzf skeleton.tar.gz && rm skeleton.tar.gz
# Steps find their packages in /app/node_modules and /app/packages, so the samples are workspaces here too.
COPY packages/mlops-client packages/mlops-client
COPY packages/tfjs-runtime packages/tfjs-runtime
COPY ml-projects ml-projects
RUN node .yarn/releases/yarn-4.18.1.cjs workspaces focus --all --production \
    && node .yarn/releases/yarn-4.18.1.cjs cache clean --all
COPY packages/backend/dist/bundle.tar.gz app-config.yaml ./
# The bundle was packed in a folder of one user alone, and says so of /app too.
RUN tar xzf bundle.tar.gz && rm bundle.tar.gz && chmod 755 . && mkdir .data && chown node:node .data
COPY catalog catalog
COPY argo argo
USER node
# The configuration names places from the backend's folder, and listens on this machine alone unless told.
WORKDIR /app/packages/backend
ENV NODE_ENV=production APP_CONFIG_backend_listen_host=0.0.0.0
VOLUME /app/.data
EXPOSE 7007
CMD ["node", ".", "--config", "../../app-config.yaml"]
