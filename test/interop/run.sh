#!/usr/bin/env bash
# Interoperation with a real peer: strongSwan's charon in a network namespace. Linux, root.
# usage: run.sh [mocha arguments, for example --grep transport]
set -euo pipefail
cd "$(dirname "$0")/../.."
. test/debian-packages.sh

if [ "$(id -u)" != 0 ]; then
  echo "test:interop makes network namespaces and needs root." >&2
  exit 1
fi
plugins=/usr/lib/ipsec/plugins
need softhsm2-util=softhsm2 openssl=openssl slapd=slapd ip=iproute2 nft=nftables conntrack=conntrack sysctl=procps pki=strongswan-pki tshark=tshark tcpdump=tcpdump cc=gcc /usr/include/stdio.h=libc6-dev /usr/include/linux/xfrm.h=linux-libc-dev \
  /usr/lib/ipsec/charon=strongswan-charon swanctl=strongswan-swanctl \
  $plugins/libstrongswan-openssl.so=libstrongswan-standard-plugins \
  $plugins/libstrongswan-kernel-libipsec.so=libcharon-extra-plugins ping=iputils-ping

node node_modules/mocha/bin/mocha.js --config test/interop/.mocharc.json "$@"
