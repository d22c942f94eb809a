# The service: docker build -t unscrawl . && docker run --read-only --tmpfs /tmp -v unscrawl:/data -p 8000:8000 unscrawl
FROM python:3.12-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN python -m venv /opt/unscrawl \
    && /opt/unscrawl/bin/pip install --no-cache-dir ".[heic,service,postgres]"

FROM python:3.12-slim-bookworm
# A user of its own: a decoder that is tricked by a file must not be root.
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin unscrawl \
    && install --directory --owner=unscrawl --group=unscrawl --mode=0700 /data
COPY --from=build /opt/unscrawl /opt/unscrawl
ENV PATH=/opt/unscrawl/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    UNSCRAWL_HOME=/data \
    UNSCRAWL_HOST=0.0.0.0
USER 10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
ENTRYPOINT ["unscrawl"]
CMD ["serve"]
