# shellcheck shell=bash
# shellcheck disable=SC2034  # ./dev reads the lists
# What ./dev needs from Debian 12, one list per purpose, and how it is installed.
#
# dpkg is asked first, so a second run needs no network.  Servers that packages bring along
# (nginx, ssh, caddy, haproxy) are not started.

packages_build=(
  g++ cmake ninja-build ccache pkg-config git
  libboost1.81-dev libboost-url1.81-dev libboost-json1.81-dev libssl-dev libsqlite3-dev liboath-dev
  libargon2-dev libtomlplusplus-dev libcli11-dev libfmt-dev libqrencode-dev libkainjow-mustache-dev
  libpam0g-dev libfido2-dev libcbor-dev catch2)
packages_test=(
  python3 python3-pytest python3-pexpect python3-websockets python3-yaml oathtool pamtester
  openssh-server openssh-client passwd nginx-light caddy haproxy faketime zbar-tools iproute2
  sudo curl sqlite3 openssl systemd python3-seccomp
  logrotate)
packages_browser=(chromium chromium-driver python3-selenium fonts-noto-cjk)
packages_demo=(python3 python3-pexpect oathtool pamtester openssl)
packages_soak=(python3 python3-websockets oathtool openssl util-linux)
packages_bench=(python3 wrk nginx-light caddy curl oathtool openssl util-linux)
# Peers without which the measurements go on.  LemonLDAP::NG needs more than its packages insist on.
packages_llng=(
  lemonldap-ng-fastcgi-server liblemonldap-ng-portal-perl libmime-tools-perl libstring-random-perl)
packages_glewlwyd=(glewlwyd dbconfig-no-thanks)
packages_fuzz=(clang-19 libclang-rt-19-dev)
packages_format=(clang-format)
packages_lint=(clang-format clang-tidy-19 shellcheck)

is_installed() {
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Prints those of the packages that are not installed, one a line.
missing_of() {
  local package
  for package in "$@"; do
    is_installed "$package" || printf '%s\n' "$package"
  done
}

# need_packages PURPOSE PACKAGE...: returns when all are installed, or stops with one line.
need_packages() {
  local purpose=$1 missing=()
  shift
  mapfile -t missing < <(missing_of "$@")
  ((${#missing[@]} == 0)) && return
  command -v apt-get >/dev/null || stop "$purpose needs ${missing[*]}, and there is no apt-get here"
  become_root_ready
  step "installing for $purpose: ${missing[*]}"
  mkdir -p build/log
  install_quietly "${missing[@]}" >>build/log/apt.log 2>&1 || true
  mapfile -t missing < <(missing_of "$@")
  ((${#missing[@]} == 0)) && return
  stop "$purpose needs ${missing[*]}, which apt-get could not install (see build/log/apt.log)"
}

# offer_packages PURPOSE PACKAGE...: the same, but goes on without them.
offer_packages() {
  (need_packages "$@") || step "going on without $1"
}

# Its package asks how to set its database up, and without an answer leaves dpkg broken.
offer_glewlwyd() {
  if ! is_installed glewlwyd; then
    become_root_ready
    printf 'glewlwyd glewlwyd/config_type select No configuration\n' |
      as_root debconf-set-selections || { step "going on without glewlwyd"; return; }
  fi
  offer_packages glewlwyd "${packages_glewlwyd[@]}"
}

# In a shell of its own, so that the guard goes however it ends, Ctrl-C included: left behind, it
# would keep every later package of this machine from starting its service.
install_quietly() (
  guard=${policy_guard:-/usr/sbin/policy-rc.d}
  if [[ ! -e $guard ]]; then
    trap 'as_root rm -f "$guard"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$guard" >/dev/null
    as_root chmod 755 "$guard"
  fi
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get -q update </dev/null || true # an old list may still do
  as_root apt-get -q -y --no-install-recommends install "$@" </dev/null
)
