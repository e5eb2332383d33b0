FROM alpine AS base
ONBUILD COPY --from=busybox /bin/sh /sh
ONBUILD RUN echo $WHO
FROM base
ENV WHO=me
RUN last
