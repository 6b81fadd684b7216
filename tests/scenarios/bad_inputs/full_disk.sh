#!/usr/bin/env bash
# A disk of 100 kB and one of 15 MB under the sandbox's files: one clear error, exit 5, and nothing is left on it.
# It mounts in a namespace of its own, which goes with it.
set -u
if ! unshare -m true 2>/dev/null; then
  echo "full disk: left out, mounting a small disk needs root"
  exit 0
fi
for size in 100k 15m; do
  disk=$(mktemp -d /tmp/small-XXXXXX)
  chmod 777 "$disk"
  said=$(unshare -m bash -c '
    mount -t tmpfs -o mode=1777,size='$size' tmpfs "$1" || exit 77
    TMPDIR=$1 segue sandbox -- true
    code=$?
    find "$1" -name PG_VERSION -o -name "*.pid"
    exit $code' - "$disk" 2>&1)
  code=$?
  rmdir "$disk"
  if [ $code = 77 ]; then
    echo "full disk: left out, mounting a small disk needs root"
    exit 0
  fi
  pattern="^segue: there is no room for the server's files in $disk/[^[:space:]]+
  free about 100 MB there, or set TMPDIR to a folder on another disk$"
  if [ $code != 5 ] || ! [[ $said =~ $pattern ]]; then
    echo "full disk of $size: exit code $code"
    echo "$said"
    exit 1
  fi
done
echo "full disk: one clear error, nothing is left"
