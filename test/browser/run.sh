#!/usr/bin/env bash
# The inspector's page in a real browser: Debian's Chromium, installed here if it is missing and we may.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ ! -x /usr/bin/chromium ]; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'test:browser needs /usr/bin/chromium; install it (Debian: apt-get install chromium) or run this as root.' >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
fi

exec node_modules/.bin/mocha --no-config --import=tsx --timeout 180000 'test/browser/*.browser.ts'
