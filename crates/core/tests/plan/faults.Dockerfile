ARG APP_VERSION=1
FROM golang:1.22 AS builder # tools
COPY . .
RUN go mod download
RUN go build -ldflags "-X main.v=${APP_VERSION}" '$APP_VERSION'
FROM debian AS unused
RUN apt-get update
RUN apt-get install -y gcc
FROM debian AS final
RUN apt-get update && apt-get install -y gcc
COPY --from=unsued /app /app # the program
COPY .env id_rsa /root/
CMD ['serve']
