FROM alpine
RUN <<EOF
set -e
make
EOF
RUN <<-SCRIPT
	#!/bin/sh
	make
SCRIPT
RUN python3 <<PY && echo ok
print(1)
PY
ENV WHO=you
COPY <<one <<"two" /etc/
hello $WHO
one
hello $WHO
two
