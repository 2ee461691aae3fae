# One image for both processes; compose.yaml says which one runs: `python -m bot` or `python -m payout_worker`.

FROM python:3.11-slim-bookworm AS build
RUN python -m venv /venv
COPY requirements.runtime.lock /src/
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary=:all: -r /src/requirements.runtime.lock
COPY pyproject.toml README.md /src/
COPY wallet_core /src/wallet_core
COPY bot /src/bot
COPY payout_worker /src/payout_worker
# The build tool has done its work after this and is not needed where money is.
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation /src \
    && /venv/bin/pip uninstall -y hatchling editables trove-classifiers pip

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 wallet \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin wallet \
    && install --directory --owner=wallet --group=wallet --mode=0700 /state
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WALLET_ENV=production \
    WALLET_DATA_DIR=/state \
    WALLET_KEYS_DIR=/keys \
    WORKER_STATE_DIR=/state
USER 10001:10001
WORKDIR /state
STOPSIGNAL SIGTERM
CMD ["python", "-m", "bot"]
