FROM debian:bookworm-slim AS base
RUN <<EOF
set -eu
apt-get update
apt-get install -y --no-install-recommends curl ca-certificates
rm -rf /var/lib/apt/lists/*
EOF

COPY <<-"SCRIPT" /usr/local/bin/start
	#!/bin/sh
	exec "$@"
	SCRIPT

COPY --chmod=0644 <<one.conf <<two.conf /etc/app/
name=$HOSTNAME
one.conf
port=8080
two.conf

RUN python3 <<PY && echo done
print("hello")
PY
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN cat <<'A' <<B >/tmp/both
$one
A
two
B
CMD start app
