# shellcheck shell=bash
# Builds a preset of CMakePresets.json with ninja and ccache.

# Objects are shared between folders (a second clone, a second preset) and with the precompiled
# headers of the tests.
# shellcheck disable=SC2154  # ./dev says where the root is
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_C_COMPILER_LAUNCHER=ccache
export NINJA_STATUS='[%f/%t %es] '

configure_preset() {
  local preset=$1 log
  log=build/log/configure-$preset.log
  mkdir -p build/log
  step "configuring build/$preset"
  cmake --preset "$preset" >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    stop "cmake could not configure build/$preset (see $log)"
  }
}

build_preset() {
  local preset=$1
  configure_preset "$preset"
  step "building build/$preset"
  ninja -C "build/$preset" || stop "the build failed"
}
