FROM --platform=$BUILDPLATFORM golang AS build
ARG TARGETOS TARGETARCH
RUN GOARCH=$TARGETARCH go build
FROM --platform=linux/arm64 alpine AS fixed
FROM --platform=$TARGETPLATFORM alpine
COPY --from=build /app /app
COPY --from=fixed /x /x
