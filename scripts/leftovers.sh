# shellcheck shell=bash
# Finds processes that a run left behind.  A run marks its children with SEKISHO_RUN=<id> in their
# environment; whoever still carries the mark afterwards was forgotten.

# Prints the process ids that carry the mark.
marked_processes() {
  # shellcheck disable=SC2016  # expanded by the inner shell, which is root's
  as_root bash -c 'grep -lszxF "SEKISHO_RUN=$0" /proc/[0-9]*/environ | cut -d/ -f3; true' "$1"
}

# Ends what is left, by its process id; fails when there was something.  What is on its way out
# gets three seconds.
end_leftovers() {
  local mark=$1 pids=() pid deadline=$((SECONDS + 3))
  while mapfile -t pids < <(marked_processes "$mark"); do
    ((${#pids[@]} == 0)) && return 0
    ((SECONDS < deadline)) || break
    sleep 0.2
  done
  printf 'dev: left behind, ended now:\n' >&2
  for pid in "${pids[@]}"; do
    printf '  %s %s\n' "$pid" "$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")" >&2
    as_root kill -KILL "$pid" 2>/dev/null || true
  done
  return 1
}
