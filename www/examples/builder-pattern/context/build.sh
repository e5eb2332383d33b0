#!/bin/sh
# What the two files needed around them: build, copy the program out, build again.
set -e
docker build -t example/app:build -f Dockerfile.build .
docker container create --name extract example/app:build
docker container cp extract:/go/src/app ./app
docker container rm -f extract
docker build --no-cache -t example/app:latest -f Dockerfile.run .
rm ./app
