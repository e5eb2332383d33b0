FROM alpine:3.19
RUN echo one \
  && echo two
COPY a b /c/
ENV A=1 \
  B=2
RUN <<EOF
echo three
EOF
CMD ["sh"]
