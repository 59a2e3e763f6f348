#!/usr/bin/env bash
# What the service, the manual pages, the package, the addon and callers of other users need of the system: xmllint,
# systemd's checker, mandoc, npm, a C compiler, setpriv; root.
set -euo pipefail
cd "$(dirname "$0")/../.."
. test/debian-packages.sh

need xmllint=libxml2-utils systemd-analyze=systemd systemd-notify=systemd logrotate=logrotate \
  script=bsdutils mandoc=mandoc man=man-db groff=groff-base perl=perl-base \
  cc=gcc /usr/include/stdio.h=libc6-dev setpriv=util-linux

exec node_modules/.bin/mocha --no-config --import=tsx --timeout 300000 'test/service/*.service.ts'
