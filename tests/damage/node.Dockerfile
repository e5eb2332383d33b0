FROM node:20-alpine as deps
WORKDIR /app
COPY package.json package-lock.json* ./
RUN --mount=type=cache,id=npm,target=/root/.npm npm ci --omit=dev \
  # comments may stand between
  && npm cache clean --force

FROM deps AS dev
ENV NODE_ENV development
VOLUME ["/app/node_modules", "/data"]
CMD [ "npm", "run", "dev" ]

FROM node:20-alpine
RUN addgroup -S app && adduser -S -G app app
USER app
COPY --from=deps --link /app/node_modules /app/node_modules
COPY --chown=app:app . /app/
ENV PORT=${PORT:-3000} HOST="0.0.0.0"
EXPOSE ${PORT}
STOPSIGNAL SIGTERM
ONBUILD COPY . /app
ONBUILD RUN npm run build
HEALTHCHECK NONE
CMD node server.js
