#!/bin/sh
# Runs Firefox for as long as stdin is open, then removes its profile. Firefox itself does not mind that whoever started
# it is gone; stdin is a pipe from there, so that nothing is left behind even when that process is killed.
#   EVERYHOST_FIREFOX=/usr/bin/firefox-esr EVERYHOST_PROFILE=FOLDER while-open.sh ARGUMENTS…
set -u
exec 3<&0
"$EVERYHOST_FIREFOX" "$@" </dev/null 3<&- &
firefox=$!

# shellcheck disable=SC2016 # for the shell that is started
clean='
    # What the browser has started may write for a moment more.
    for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$EVERYHOST_PROFILE" 2>/dev/null && break; sleep 0.3; done'
# In a session of its own: who kills the group of this script is not to keep it from cleaning up.
# shellcheck disable=SC2016
setsid sh -c 'read -r _ <&3; kill -KILL "$1" 2>/dev/null; '"$clean" sh "$firefox" &
watcher=$!
exec 3<&-

wait "$firefox"
status=$?
kill "$watcher" 2>/dev/null
sh -c "$clean"
exit "$status"
