#!/bin/sh
# Installs the program for good, without compilers and without the tools of development.
#
#   deploy/install.sh packages DIR    a virtual environment in DIR with the locked packages (checked by hash)
#   deploy/install.sh program DIR     the program itself into it
#
# Two steps, so that an image keeps the packages when only the program changes. PYTHON names another interpreter.
set -eu

cd "$(dirname "$0")/.."
step=${1:?"packages or program"}
target=${2:?"the folder to install into"}
quiet="--disable-pip-version-check --no-input --quiet"

case $step in
packages)
    "${PYTHON:-python3}" -m venv "$target"
    # Wheels only: nothing is compiled here, and no package runs code of its own while it is installed.
    "$target/bin/python" -m pip install $quiet --require-hashes --only-binary :all: -r requirements.lock
    ;;
program)
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "${PYTHON:-python3}" -m venv "$work/build"
    "$work/build/bin/python" -m pip install $quiet --require-hashes --only-binary :all: -r requirements-build.lock
    "$work/build/bin/python" -m pip wheel $quiet --no-build-isolation --no-deps --wheel-dir "$work" .
    "$target/bin/python" -m pip install $quiet --no-deps --force-reinstall "$work"/tsunagu-*.whl
    ;;
*)
    echo "deploy/install.sh: packages or program" >&2
    exit 2
    ;;
esac
