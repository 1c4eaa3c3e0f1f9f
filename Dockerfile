# The image of つなぐ: a virtual environment and nothing else; no compiler, no root, nothing to write to but /data.
# Every RUN line calls a script that the tests run in a clean folder (tests/house/test_deploy.py).

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
COPY deploy/install.sh deploy/
RUN ["sh", "deploy/install.sh", "packages", "/opt/tsunagu"]
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY casework casework
COPY config config
COPY dialogue dialogue
COPY handlers handlers
COPY nlp nlp
COPY storage storage
RUN ["sh", "deploy/install.sh", "program", "/opt/tsunagu"]

FROM python:3.11-slim-bookworm
COPY --from=build /opt/tsunagu /opt/tsunagu
COPY deploy/probe.py /opt/tsunagu/probe.py
# An owner of /data without a name: nothing has to be added to the system for it.
COPY --from=build --chown=10001:10001 /mnt /data
ENV PATH=/opt/tsunagu/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    DATABASE_URL=sqlite+aiosqlite:////data/tsunagu.db \
    HOST=0.0.0.0 \
    LOG_FORMAT=json
WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/opt/tsunagu/probe.py"]
ENTRYPOINT ["tsunagu"]
CMD ["serve"]
