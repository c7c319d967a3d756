#!/usr/bin/env bash
# One step of the tests: says what it is and how long it took. One that hangs is ended, and red: nobody watches a log.
#
#   step.sh WHAT COMMAND [ARGUMENT…]
set -euo pipefail
minutes=${EVERYHOST_STEP_MINUTES:-30}
what=$1
shift
printf '\n== %s\n' "$what"
# At a terminal somebody sees that it hangs, and a group of its own would not hear Ctrl-C. Elsewhere nobody types: who reads
# must not wait for a pipe that nobody closes.
limit=()
[ -t 0 ] || { limit=(timeout --kill-after=10 "${minutes}m"); exec </dev/null; }
TIMEFORMAT="== $what: %0lR, of CPU %0U + %0S s"
status=0
time "${limit[@]}" "$@" || status=$?
[ $status -ne 124 ] || echo "step: $what did not end within $minutes minutes (EVERYHOST_STEP_MINUTES), and was stopped: $*" >&2
exit $status
