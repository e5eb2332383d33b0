# VERSION is what is built
ARG VERSION=1.2
ARG BASE=alpine:${VERSION%.*}
FROM ${BASE} AS build
ARG VERSION
ARG NAME=app-${VERSION}
ENV NAME=${NAME}-env
RUN echo $NAME $VERSION
FROM scratch
COPY --from=build /${NAME:-out} /
