# Sourced by the runners of tests that need programs of the system.
# need COMMAND=PACKAGE...: installs the packages whose commands are missing, when root on Debian; else says which are
# missing and returns 1. A COMMAND may be a path.
need() {
  local pair missing=() packages=()
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || [ -f "${pair%%=*}" ] && continue
    missing+=("${pair%%=*}")
    packages+=("${pair#*=}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]} (Debian: apt-get install ${packages[*]})" >&2
    return 1
  fi
  echo "Installing ${packages[*]} ..." >&2
  local made=
  # The tests start these programs themselves: packages must not start services of their own.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    made=yes
  fi
  local log status=0
  log=$(mktemp)
  # One at a time: apt waits for the lock of what is installed, but not for that of its lists.
  (
    flock 9
    apt-get -o DPkg::Lock::Timeout=300 -q update &&
      DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q -y --no-install-recommends install "${packages[@]}"
  ) >"$log" 2>&1 </dev/null 9>"${TMPDIR:-/tmp}/ikechart-apt.lock" || status=$?
  [ -z "$made" ] || rm -f /usr/sbin/policy-rc.d
  if [ $status != 0 ]; then
    tail -n 20 "$log" >&2
    echo "Could not install: ${packages[*]}" >&2
  fi
  rm -f "$log"
  return $status
}
