ARG ALPINE=3.19
FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.4.0 AS xx
FROM --platform=linux/arm64 alpine:${ALPINE} AS arm64
FROM --platform=$TARGETPLATFORM alpine:${ALPINE} AS target
ARG TARGETPLATFORM BUILDPLATFORM=x TARGETVARIANT
RUN echo "$TARGETPLATFORM on $BUILDPLATFORM ${TARGETVARIANT}"
COPY --from=xx / /
COPY --from=arm64 /etc/alpine-release /arm64-release
COPY --from=0 /xx /xx
FROM target AS last
COPY --from=2 /etc/hosts /hosts
