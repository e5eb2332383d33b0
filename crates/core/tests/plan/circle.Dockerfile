FROM alpine AS a
COPY --from=b /x /
FROM alpine AS b
COPY --from=a /y /
FROM a
RUN still looked at $UNSET
COPY $UNSET /
