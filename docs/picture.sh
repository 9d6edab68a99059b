#!/usr/bin/env bash
# Takes the pictures of pages in README.md and docs/letter.md, of the local stack in headless Chromium. Usage: make picture
set -euo pipefail
cd "$(dirname "$0")/.."

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
  echo "picture: install chromium first" >&2
  exit 1
}
data=$(mktemp -d)
go build -o build/lapse ./internal/cmd/lapse
LAPSE_CLOCK=2026-03-01T09:00:00Z AUTOSWEEP=off build/lapse run --port 0 --data "$data" > "$data/out" &
stack=$!
trap 'kill "$stack" 2>/dev/null; wait "$stack" 2>/dev/null; rm -rf "$data"' EXIT

for _ in $(seq 600); do
  grep -q '^ready' "$data/out" && break
  kill -0 "$stack"
  sleep 0.1
done
url=$(grep -o 'http://[^ ]*/' "$data/out" | head -n 1)

# take FILE PATH WIDTH,HEIGHT
take() {
  "$browser" --headless --disable-gpu --no-sandbox --hide-scrollbars --user-data-dir="$data/browser" \
    --window-size="$3" --screenshot="$PWD/docs/$1" "$url$2" 2> "$data/browser.log" || { cat "$data/browser.log" >&2; exit 1; }
}

take matter.png matters/mat-2026-0158 1200,1000
take letter/verify-en.png verify?lang=en 700,800
take letter/verify-ja.png verify?lang=ja 700,800
