FROM golang AS build
WORKDIR src
RUN --mount=type=cache,target=/root/.cache --mount=type=cache,id=x,target=/c,sharing=locked,uid=1000 \
    --mount=target=. --mount=from=busybox,source=/bin,target=/bb,rw go build
RUN --mount=type=secret,id=token,env=TOKEN --mount=type=ssh --mount=type=tmpfs,target=/t,size=1m echo $TOKEN
FROM alpine
COPY --link --from=build /src/app /app
COPY --link --chmod=u+x --chown=app:1 a b* /dir/
USER app
WORKDIR /w
ADD --keep-git-dir https://github.com/moby/buildkit.git#v0.1:docs /d/
ADD https://example.com/x.tar.gz .
COPY --parents --exclude=*.md ./a/./b/*.txt /p/
