FROM base:1
COPY . /all/
