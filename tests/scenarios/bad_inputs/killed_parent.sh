#!/usr/bin/env bash
# A sandbox whose owner is killed (kill -9) or asked to end, and one whose command is killed: its server and its files go.
set -eu

# Waits on a condition: until the command succeeds, half a minute at most.
until_done() {
  for _ in $(seq 1500); do
    if "$@"; then return; fi
    sleep 0.02
  done
  echo "it did not happen: $*"
  exit 1
}
is_gone() { ! kill -0 "$1" 2>/dev/null; }
no_folder() { [ ! -e "$1" ]; }
ask() { psql -XAtq -c "$1" "$2"; }

segue sandbox >said 2>&1 &
owner=$!
until_done grep -q "is ready" said
url=$(sed -n 's/^DATABASE_URL=//p' said)
postmaster=$(ask "SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)" "$url")
folder=$(ask "SHOW data_directory" "$url")
kill -0 "$postmaster"
[ -e "$folder" ]
disown "$owner"  # else the shell says "Killed" by itself, sometimes before the next line, sometimes in it
kill -9 "$owner"
until_done is_gone "$postmaster"
until_done no_folder "$folder"
echo "the owner is killed: server and files are gone"

segue sandbox >asked 2>&1 &
owner=$!
until_done grep -q "is ready" asked
folder=$(ask "SHOW data_directory" "$(sed -n 's/^DATABASE_URL=//p' asked)")
[ -e "$folder" ]
kill -TERM "$owner"
code=0
wait "$owner" || code=$?
no_folder "$folder"
echo "the owner is asked to end: exit code $code, files are gone"

code=0
segue sandbox -- bash -c 'psql -XAtq -c "SHOW data_directory" "$DATABASE_URL" >folder; kill -9 $$' || code=$?
no_folder "$(cat folder)"
echo "the command is killed: exit code $code, files are gone"
