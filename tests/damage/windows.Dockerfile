# escape=`

FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS core
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
WORKDIR C:\app
COPY app.exe C:\app\
RUN New-Item -ItemType Directory C:\data; `
    Set-Content C:\data\a.txt 'x'
ENV NAME="C:\Program Files" `
    OTHER=C:\other
USER ContainerUser
CMD ["C:\\app\\app.exe", "--run"]
