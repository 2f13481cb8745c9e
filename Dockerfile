# docker build -t racing-pipelines . && docker run --env-file .env -v racing:/data racing-pipelines run --mode daily
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    DLT_DATA_DIR=/data/dlt \
    DESTINATION__DUCKDB__CREDENTIALS=/data/racing_data.duckdb \
    SOURCES__RACING_API__REPORT_FOLDER=/data/logs

WORKDIR /app
COPY requirements.lock ./
RUN pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY sql sql
COPY pipelines pipelines
RUN pip install --no-build-isolation --no-deps .

RUN useradd --uid 1000 --create-home racing && mkdir /data && chown racing /data
USER 1000
WORKDIR /data
VOLUME /data
ENTRYPOINT ["pipeline"]
CMD ["--help"]
