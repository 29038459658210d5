# shellcheck shell=bash
# What ./dev says and how it stops, and how it becomes root where it must.

# One line of progress.  On standard error, so that a command's own output stays clean.
step() { printf '== %s\n' "$*" >&2; }

# One clear line, and the end.
stop() {
  printf 'dev: %s\n' "$*" >&2
  exit 1
}

# Runs a command as root: directly where we are, else by sudo.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  else
    sudo --preserve-env=SEKISHO_RUN,SEKISHO_BUILD,DEBIAN_FRONTEND "$@"
  fi
}

# PAM services and network namespaces need root; asks for sudo's password once, early, instead of
# in the middle of a test run.
become_root_ready() {
  [[ $(id -u) == 0 ]] && return
  command -v sudo >/dev/null || stop "run this as root, or install sudo"
  sudo -v || stop "sudo refused; run this as root or as somebody who may use sudo"
}
