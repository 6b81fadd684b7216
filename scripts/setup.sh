#!/usr/bin/env bash
# Installs what is missing, as root; says what is missing, as anybody else. Does nothing where all is there.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v dpkg-query >/dev/null || die "this is no Debian; segue builds on Debian 12 (bookworm). Packages needed: scripts/packages.txt"

# "package" or "package command": the second form is content with the command, wherever it comes from.
missing=()
while read -r package needed; do
  case "$package" in '' | '#'*) continue ;; esac
  if [ -n "$needed" ] && command -v "$needed" >/dev/null; then continue; fi
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done <scripts/packages.txt

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    die "packages are missing; as root: apt-get install ${missing[*]}"
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q >/dev/null || die "apt-get update failed; the package lists cannot be read"
  apt-get install -q -y --no-install-recommends "${missing[@]}" >/tmp/segue-setup.$$.log 2>&1 || {
    tail -n 20 /tmp/segue-setup.$$.log >&2
    die "apt-get could not install: ${missing[*]}"
  }
  rm -f /tmp/segue-setup.$$.log
elif [ "${1:-}" != --quiet ]; then
  say "all packages of scripts/packages.txt are there"
fi
