#!/usr/bin/env bash
# Tests with a real kernel's IPsec: every *.kernel.ts, under a Linux kernel of its own (run-in-kernel), whatever the
# host's lacks. Tests and commands are bundled on the host, for inside all that starts is slow.
# usage: run.sh [mocha arguments, for example --grep xfrm]
set -euo pipefail
cd "$(dirname "$0")/../.."
. test/debian-packages.sh
need ip=iproute2 ping=iputils-ping sysctl=procps ps=procps modprobe=kmod setsid=util-linux tcpdump=tcpdump iptables-legacy=iptables conntrack=conntrack \
  cc=gcc /usr/include/stdio.h=libc6-dev /usr/include/linux/xfrm.h=linux-libc-dev linux.uml=user-mode-linux \
  /usr/lib/ipsec/charon=strongswan-charon swanctl=strongswan-swanctl \
  /usr/lib/ipsec/plugins/libstrongswan-openssl.so=libstrongswan-standard-plugins
# What guests need is installed by now: guests that install at once fail on apt's lock.

out=test/kernel/out
rm -rf "$out"
mkdir -p "$out"
node_modules/.bin/esbuild test/kernel/*.kernel.ts --bundle --platform=node --format=esm --target=node20 \
  --outdir="$out" --out-extension:.js=.mjs --sourcemap=inline --log-level=warning
# Four guests side by side, because each has one CPU, and mostly waits. Each of them takes less than seven minutes on a
# machine at rest, and may take four times that on one that is slow.
traffic=() waiting=() ending=() rest=()
for file in "$out"/*.mjs; do
  case $file in
    */traffic.*) traffic+=("$file") ;;
    */limits.* | */tunnel.* | */silent.* | */lab.*) waiting+=("$file") ;;
    */crash.* | */suites.*) ending+=("$file") ;;
    *) rest+=("$file") ;;
  esac
done
in_guest() {
  exec test/kernel/run-in-kernel --timeout 2000 -- node --enable-source-maps node_modules/mocha/bin/mocha.js --no-config \
    --timeout 600000 --slow 20000 "$@"
}
logs=$(mktemp -d)
(in_guest "${waiting[@]}" "$@") >"$logs/waiting" 2>&1 &
others=($!)
(in_guest "${ending[@]}" "$@") >"$logs/ending" 2>&1 &
others+=($!)
(in_guest "${rest[@]}" "$@") >"$logs/rest" 2>&1 &
others+=($!)
trap 'kill "${others[@]}" 2>/dev/null || true; rm -rf "$logs"' EXIT
status=0
(in_guest "${traffic[@]}" "$@") || status=$?
for other in "${others[@]}"; do wait "$other" || status=$?; done
cat "$logs"/*
exit "$status"
