#!/bin/sh
# Stands for a slow download: writes one file per line of a list.
set -e
mkdir -p "$2"
while read -r name; do
  sleep 4
  echo "content of $name" > "$2/$name"
done < "$1"
