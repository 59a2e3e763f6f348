#!/usr/bin/env bash
# Completion in zsh: every script parses, and offers what it should where zsh's own functions are replaced by echoes.
set -euo pipefail
cd "$(dirname "$0")/../.."
. test/debian-packages.sh
need zsh=zsh

for script in completions/_*; do zsh -n "$script"; done

# offered SCRIPT WORD...: what is offered at the last word.
offered() {
  zsh -f -c '
    script=$1; shift
    compadd() { shift; print -l -- "$@" }
    _files() { print -- "files $*" }
    words=("$@"); CURRENT=$#
    # The script calls its function at the end, as the completion system has it.
    source $script
  ' zsh "$@"
}
expect() {
  local want=$1 got
  shift
  got=$(offered "$@" | tr '\n' ' ')
  [ "${got% }" = "$want" ] || { echo "$*: expected <$want>, got <${got% }>" >&2; exit 1; }
}
expect 'login logout' completions/_ikeadm ikeadm token ''
expect 'p1 certcache' completions/_ikeadm ikeadm -n -R /tmp flush ''
expect 'base modkeys keymat' completions/_ikeadm ikeadm set priv ''
expect 'files ' completions/_ikeadm ikeadm set debug all ''
expect 'files -/' completions/_ikeadm ikeadm -R ''
expect 'auto embedded pfkey xfrm' completions/_in.iked in.iked --kernel ''
echo 'completion in zsh: good'
