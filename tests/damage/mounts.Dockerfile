FROM alpine:3.19 AS tools
RUN apk add --no-cache git openssh-client

FROM scratch AS assets
COPY --link assets/ /assets/

FROM tools AS final
RUN --mount=type=bind,from=assets,source=/assets,target=/assets,rw \
    --mount=type=secret,id=token,required,mode=0400,uid=1000 \
    --mount=type=secret,id=key,env=API_KEY \
    --mount=type=ssh,id=default \
    --mount=type=tmpfs,target=/scratch,size=64m \
    --network=none --security=sandbox \
    git --version
RUN --mount=type=cache,target=/var/cache/apk,sharing=private,from=assets,source=/assets true
COPY --from=assets --parents --exclude=*.tmp /assets/./x /y/
COPY --from=busybox:1.36 /bin/busybox /bin/bb
ADD --keep-git-dir=true --link https://github.com/moby/buildkit.git#v0.12:docs /docs
ADD --unpack=true archive.tar /unpacked/
RUN ["/bin/sh", "-c", "echo exec form"]
