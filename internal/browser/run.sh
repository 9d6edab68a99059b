#!/usr/bin/env bash
# Opens the pages of a local stack, its report and the letters in Chromium, and checks the report's files. "make pages"
# calls it; the tools are in build/browser.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
stack=

finish() {
  [ -z "$stack" ] || { kill "$stack" 2>/dev/null || true; wait "$stack" || true; }
  rm -rf "$work"
}
trap finish EXIT

PORT=0 DATA=$work/data AUTOSWEEP=off LAPSE_CLOCK=2026-03-01T10:00:00Z build/lapse run > "$work/out" 2> "$work/log" &
stack=$!
until grep -q ^ready "$work/out"; do
  kill -0 "$stack" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
LAPSE_URL=$(sed -n 's|^ready \(http[^ ]*\)/ .*|\1|p' "$work/out")
export LAPSE_URL

cp internal/browser/*.mjs internal/browser/package.json "$work"
ln -s "$PWD/build/browser/node_modules" "$work/node_modules"
LETTERS=$PWD/internal/letter/testdata/v2 node "$work/pages.mjs"

echo "lapse report check, and frictionless on the data package"
build/lapse report check "$work/data/report/public"
(cd "$work/data/report/public/2026-H1" && "$OLDPWD/build/browser/venv/bin/frictionless" validate datapackage.json)
