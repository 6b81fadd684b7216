# Shared by the scripts beside it; they are started by ./dev, in the checkout's top folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\033[1m== %s\033[0m\n' "$*" | if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi; }
die() { echo "./dev: $*" >&2; exit 2; }

# Where whole servers of other versions are kept (see servers.sh); the program looks there too.
server_cache() {
  if [ "$(id -u)" = 0 ]; then echo /var/cache/segue/servers; else echo "${XDG_CACHE_HOME:-$HOME/.cache}/segue/servers"; fi
}

# Prints "MAJOR BIN_DIR" for each server that can be used here, oldest first; Debian's own before npm's of the same version.
all_servers() {
  {
    for dir in /usr/lib/postgresql/*/bin; do
      [ -x "$dir/postgres" ] && echo "$(basename "$(dirname "$dir")") $dir"
    done
    for dir in "$(server_cache)"/*/bin; do
      [ -x "$dir/postgres" ] && echo "$(basename "$(dirname "$dir")") $dir"
    done
  } | sort -n -s -u -k1,1
}
