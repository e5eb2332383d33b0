FROM scratch
ENV A=1 B="two words" PATH=$PATH:/x
LABEL maintainer="$A" x=y
EXPOSE 80 443/TCP 8000-8002/udp 127.0.0.1:5000:5000
VOLUME /data ["/more"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=90s --retries=3 CMD curl -f http://localhost/ || exit 1
SHELL ["/bin/bash", "-c"]
ENTRYPOINT serve $A
CMD ["--port", "80"]
ONBUILD RUN echo "built on"
MAINTAINER me
