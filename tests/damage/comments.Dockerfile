# A comment before everything.
#check=skip=JSONArgsRecommended;error=false

# base is what the others start from
FROM alpine AS base
  # indented comment
RUN echo one && \
    # inside

    echo two && \
    echo three
# VERSION is shown
ARG VERSION
   ENV INDENTED=yes
	LABEL tab="yes"
MAINTAINER Someone <someone@example.com>

FROM base
RUN   echo   many   spaces   \
      \
      && echo end
ENTRYPOINT exec top -b
