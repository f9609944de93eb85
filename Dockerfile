FROM python:3.12-slim

WORKDIR /app
COPY pyproject.toml README.md requirements.lock ./
COPY scripts/install scripts/requirements-build.lock scripts/
COPY src src
# the steps of a machine without Docker; the lock's packages come with their hashes
RUN scripts/install requirements.lock \
    && .venv/bin/python -m compileall -q src \
    && useradd --system --uid 10001 --home-dir /data brassleaf \
    && install -d -o brassleaf -g brassleaf -m 700 /data

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BRASSLEAF_DATA=/data
USER brassleaf
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["brassleaf"]
CMD ["serve", "--host", "0.0.0.0"]
