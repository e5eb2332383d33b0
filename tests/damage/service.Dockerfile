# syntax=docker/dockerfile:1
ARG GO_VERSION=1.22
ARG BASE=gcr.io/distroless/static

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download
COPY . .
ARG TARGETOS TARGETARCH
ENV CGO_ENABLED=0 \
    GOFLAGS="-trimpath -mod=readonly"
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build,sharing=locked \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -ldflags "-s -w" -o /out/service ./cmd/service

FROM build AS test
RUN go test ./...

FROM ${BASE} AS final
LABEL org.opencontainers.image.title="service" org.opencontainers.image.vendor='me'
COPY --from=build --chown=65532:65532 /out/service /usr/bin/service
USER 65532:65532
EXPOSE 8080/tcp 9090
HEALTHCHECK --interval=30s --timeout=3s --retries=2 CMD ["/usr/bin/service", "health"]
ENTRYPOINT ["/usr/bin/service"]
CMD ["serve", "--port", "8080"]
