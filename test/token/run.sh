#!/usr/bin/env bash
# Tests with SoftHSM 2, a PKCS#11 token in software. They fail, never skip, where pkcs11js cannot be loaded.
set -euo pipefail
cd "$(dirname "$0")/../.."
. test/debian-packages.sh
need script=bsdutils softhsm2-util=softhsm2 cc=gcc openssl=openssl /usr/include/stdio.h=libc6-dev g++=g++ make=make python3=python3
if ! node -e 'require("pkcs11js")' 2>/dev/null; then
  # npm leaves an optional package out, in silence, when its compiler was missing at set-up.
  prefix=$(node -p 'const p=require("path");p.dirname(p.dirname(require("fs").realpathSync(process.execPath)))')
  echo "Compiling pkcs11js ..." >&2
  npm_config_nodedir=$prefix npm install --no-save --no-audit --no-fund --loglevel=error
fi
exec node node_modules/mocha/bin/mocha.js --no-config --node-option import=tsx --timeout 60000 'test/token/*.token.ts'
