FROM $nothing AS a
FROM Alpine:3
STOPSIGNAL nope
COPY --from=a-${x} /a /b
EXPOSE 99999
COPY --chmod=9z a b
RUN --mount=type=cahce,target=/x make
VOLUME $empty
FROM --platform=nonsense alpine
