FROM alpine AS base
ENV GRÜSSE="Schöne Grüße" 名前=値
LABEL описание="привет мир" emoji="🐳 whale"
RUN echo "한국어" && echo 'ñandú' \
    && echo “quoted”
COPY données/ /données/
WORKDIR /größe/日本
CMD ["écho", "é"]
