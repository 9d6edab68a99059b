#!/usr/bin/env bash
# Builds the functions of the commit at hand from two clones, at different paths and each with an empty build cache, and
# compares the binaries byte by byte (SHA-256). Usage: reproducible.sh ARCH...
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

# Not into the same depth, so that a path that gets into a binary changes its length too.
sums() {
  local clone=$1
  shift
  git clone --quiet --no-local . "$clone"
  GOCACHE="$work/cache-$(basename "$clone")" make -s -C "$clone" build ARCHES="$*" >/dev/null
  (cd "$clone/build" && find "$@" -name bootstrap -exec sha256sum {} + | sort -k 2)
}

sums "$work/one" "$@" > "$work/one.sums"
sums "$work/some/where/else/another" "$@" > "$work/another.sums"
if ! diff "$work/one.sums" "$work/another.sums"; then
  echo "reproducible: the binaries differ" >&2
  exit 1
fi
cat "$work/one.sums"
