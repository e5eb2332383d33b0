# check=experimental=all
# about nothing
from alpine:$TAAG as Builder
MAINTAINER me
ENV KEY value
ARG GITHUB_TOKEN
WORKDIR relative
COPY ignored.txt $PAHT /
CMD one \

    two
CMD two
EXPOSE 80/TCP 1:2
FROM alpine AS builder
FROM alpine AS scratch
# check=skip=JSONArgsRecommended
ENTRYPOINT unchecked
