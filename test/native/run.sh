#!/usr/bin/env bash
# The C of adapters/native/ under AddressSanitizer and UndefinedBehaviorSanitizer, with a kernel side and datagrams that say anything.
# usage: run.sh [mocha arguments]
set -euo pipefail
readonly MOST_SECONDS=60
cd "$(dirname "$0")/../.."
. test/debian-packages.sh
need cc=gcc /usr/include/stdio.h=libc6-dev

export IKECHART_ASAN_ADDON=$PWD/.tmp/asan/ikechart.node
node --input-type=module -e "
  import { buildAddon } from './tools/addon.mjs';
  const flags = ['-g', '-O1', '-Werror', '-fno-omit-frame-pointer', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  const fault = buildAddon({ into: process.env.IKECHART_ASAN_ADDON, flags });
  if (fault !== undefined) { console.error(fault); process.exit(1); }
"
# Node itself ends with memory that it never gives back, so leaks are looked for in the test: descriptors, and objects.
# Node's own handlers of signals stay.
export ASAN_OPTIONS=detect_leaks=0:handle_segv=1:abort_on_error=0:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1
status=0
LD_PRELOAD=$("${CC:-cc}" -print-file-name=libasan.so) timeout --kill-after=5 "$MOST_SECONDS" \
  node --expose-gc node_modules/mocha/bin/mocha.js --config test/native/.mocharc.json "$@" || status=$?
case $status in
  99) echo "AddressSanitizer or UndefinedBehaviorSanitizer has found something: see above." >&2 ;;
  124 | 137) echo "The tests of the addon did not end within $MOST_SECONDS seconds." >&2 ;;
esac
exit "$status"
