# shellcheck shell=bash
# Feeds the fuzz targets of tests/fuzz with libFuzzer.
#
# What is worth keeping of the inputs goes to build/fuzz/corpus, what breaks a target to
# build/fuzz/findings; tests/fuzz/corpus holds the seeds, which every test run replays.

fuzz_targets() {
  local file
  for file in tests/fuzz/*_fuzz.cpp; do
    file=${file##*/}
    printf '%s\n' "${file%_fuzz.cpp}"
  done
}

build_fuzz_targets() {
  configure_preset fuzz
  step "building ${*}"
  ninja -C build/fuzz "${@/%/_fuzz}" || stop "the build failed"
}

# fuzz TARGET SECONDS
fuzz() {
  local target=$1 seconds=$2
  local corpus=build/fuzz/corpus/$target findings=build/fuzz/findings/$target
  local log=build/fuzz/$target.log
  mkdir -p "$corpus" "$findings"
  # Where earlier runs got to.
  [[ ! -f tests/fuzz/grown/$target.tar.gz ]] || tar -C "$corpus" -xzf "tests/fuzz/grown/$target.tar.gz"
  step "feeding $target for $seconds seconds (the rest is said in $log)"
  # The largest input any of them takes is a body of 32 KiB; nothing needs 64 MiB at once.
  if ! nice -n 19 "build/fuzz/tests/fuzz/${target}_fuzz" -max_total_time="$seconds" \
    -max_len=33000 -timeout=5 -malloc_limit_mb=64 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$findings/" "$corpus" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    stop "$target is broken by the newest file of $findings"
  fi
  printf '%s: %s inputs, nothing found\n' "$target" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
}
