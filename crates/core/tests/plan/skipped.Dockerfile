ARG SOURCE=remote
FROM alpine AS local
RUN one
FROM alpine AS remote
RUN two
FROM ${SOURCE} AS chosen
FROM busybox
COPY --from=chosen /x /
