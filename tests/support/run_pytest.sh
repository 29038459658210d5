#!/bin/sh
# Runs one pytest file the way CTest wants it: no cache, no .pyc, reasons of skips shown.
#   run_pytest.sh [--root] FILE [PYTEST OPTIONS]
set -eu
if [ "$1" = --root ]; then
  shift
  if [ "$(id -u)" != 0 ]; then
    exec sudo -n --preserve-env=SEKISHO_BUILD,SEKISHO_RUN,TSAN_OPTIONS "$0" "$@"
  fi
fi
exec /usr/bin/python3 -B -m pytest -q -rs -p no:cacheprovider "$@"
