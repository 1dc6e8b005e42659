# The portal as an image. First: npm run build. Then: docker build -t mlops-portal .
FROM node:22-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends git util-linux tar gzip && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY .yarn/releases .yarn/releases
COPY .yarnrc.yml package.json yarn.lock backstage.json ./
COPY packages/backend/dist/skeleton.tar.gz ./
RUN tar xzf skeleton.tar.gz && rm skeleton.tar.gz && node .yarn/releases/yarn-4.18.1.cjs workspaces focus --all --production
COPY packages/backend/dist/bundle.tar.gz app-config.yaml ./
RUN tar xzf bundle.tar.gz && rm bundle.tar.gz
COPY catalog catalog
COPY ml-projects ml-projects
COPY argo argo
USER node
ENV NODE_ENV=production
CMD ["node", "packages/backend", "--config", "app-config.yaml"]
