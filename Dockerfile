# The service alone: no torch, no build tools. Data lives in the volume /data.
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends make \
 && make install EXTRAS=postgres \
 && .venv/bin/python -m pip install --quiet -c requirements.lock -e '.[postgres]' \
 && rm -rf web/node_modules

FROM python:3.11-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libgl1 libglib2.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 patrol && install -d -o patrol /data
COPY --from=build /src /src
WORKDIR /src
USER patrol
ENV PATROL_DATA_DIR=/data PATROL_HOST=0.0.0.0 PATROL_PORT=8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s CMD [".venv/bin/python", "-c", "import httpx; httpx.get('http://127.0.0.1:8080/healthz').raise_for_status()"]
ENTRYPOINT [".venv/bin/patrol"]
CMD ["up"]
