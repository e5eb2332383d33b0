ARG REGISTRY=docker.io ARCH=amd64
ARG IMAGE=${REGISTRY}/library/alpine
FROM ${IMAGE:?none}:${TAG:-3.19} AS stage
ARG VERSION=v1.2.3
ENV MAJOR=${VERSION%%.*} \
    REST=${VERSION#v} LAST=${VERSION##*.} FIRST=${VERSION%.*} \
    UNDER=${VERSION//./_} ONCE=${VERSION/v/V} SET=${VERSION:+yes}
ENV ESCAPED=\$VERSION QUOTED='$VERSION' BOTH="a \"b\" ${VERSION}" 
LABEL "com.example key"="a b" multi="one \
two" plain=x
WORKDIR /srv/$MAJOR/${REST}
COPY --chown=$MAJOR:$MAJOR ["a b", "c", "/srv/to here/"]
ADD https://example.com/${VERSION}/x.tar.gz /tmp/
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/y /tmp/y
USER ${USER:-nobody}
EXPOSE 80-82/udp 53/udp
VOLUME /data/$MAJOR /logs
STOPSIGNAL ${SIGNAL:-SIGQUIT}
RUN echo $VERSION "${NOT_OURS}" && \
    true
