from python:3.12-slim as builder
workdir /app
copy requirements.txt .
run pip install --no-cache-dir -r requirements.txt
add . .

from builder
env A=1
arg B
label c=d
expose 80
user nobody
volume /v
stopsignal 9
shell ["/bin/sh", "-c"]
healthcheck cmd true
onbuild run true
entrypoint ["python"]
cmd ["app.py"]
