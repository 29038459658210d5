#!/bin/sh
# Gives a fuzz target what libFuzzer once thought of:  replay_grown.sh TARGET-PROGRAM ARCHIVE
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar -C "$folder" -xzf "$2"
"$1" "$folder"
