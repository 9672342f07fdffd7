# One image for web, worker, beat and migrations; docker-compose.yml says which command each runs.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY pyproject.toml requirements.lock ./
RUN python -m venv /opt/engage
RUN /opt/engage/bin/pip install --no-deps --only-binary :all: --require-hashes --requirement requirements.lock
# One lock for everything; what only tests and development use leaves again.
RUN python -c "import re, tomllib; extras = tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']; \
      print(*[re.split('[^a-zA-Z0-9_.-]', name)[0] for names in extras.values() for name in names])" \
      | xargs /opt/engage/bin/pip uninstall --yes

FROM python:3.13-slim
ENV PATH=/opt/engage/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ENGAGE_ENV=production
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin engage
COPY --from=build /opt/engage /opt/engage
WORKDIR /app
COPY web.py worker.py clinic.toml ./
COPY templates templates
COPY engage engage
RUN printf '#!/bin/sh\nexec python -m engage.cli.main "$@"\n' > /usr/local/bin/engage && chmod 0755 /usr/local/bin/engage
USER engage
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--workers-kill-timeout", "10", "--no-ws", "--respawn-failed-workers", \
     "--log-level", "warning", "web:app"]
