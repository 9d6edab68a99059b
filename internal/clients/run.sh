#!/usr/bin/env bash
# Posts events to a local stack with clients that others wrote: clients generated from its OpenAPI document,
# CloudEvents' SDKs, and schemathesis. "make clients" calls it; the tools are in build/clients.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=internal/clients
: "${SCHEMATHESIS:=90}"
venv=$PWD/build/clients/venv/bin
work=$(mktemp -d)
stack=

finish() {
  [ -z "$stack" ] || { kill "$stack" 2>/dev/null || true; wait "$stack" || true; }
  rm -rf "$work"
}
trap finish EXIT

# start DATA: a stack on a free port, with a clock that stands in the events' year.
start() {
  PORT=0 DATA=$work/$1 STORIES=none AUTOSWEEP=off LAPSE_CLOCK=2026-03-01T10:00:00Z build/lapse run \
    > "$work/$1.out" 2> "$work/$1.log" &
  stack=$!
  until grep -q ^ready "$work/$1.out"; do
    kill -0 "$stack" 2>/dev/null || { cat "$work/$1.log" >&2; exit 1; }
    sleep 0.1
  done
  LAPSE_URL=$(sed -n 's|^ready \(http[^ ]*\)/ .*|\1|p' "$work/$1.out")
  export LAPSE_URL
}

start data
curl --silent --show-error --fail --output "$work/openapi.json" "$LAPSE_URL/openapi.json"

echo "openapi-python-client: generate, import, post"
PATH=$venv:$PATH openapi-python-client generate --fail-on-warning --meta none \
  --path "$work/openapi.json" --output-path "$work/lapse_client"
"$venv/python" -m compileall -q "$work/lapse_client"
PYTHONPATH=$work "$venv/python" "$here/python/generated.py"

echo "openapi-typescript: generate, compile, post"
mkdir "$work/typescript"
cp $here/typescript/post.ts $here/typescript/tsconfig.json $here/typescript/package.json "$work/typescript"
ln -s "$PWD/build/clients/typescript/node_modules" "$work/typescript/node_modules"
(
  cd "$work/typescript"
  node_modules/.bin/openapi-typescript "$work/openapi.json" --output schema.d.ts
  node_modules/.bin/tsc --project tsconfig.json
  node out/post.js
)

echo "CloudEvents SDK for Python: binary and structured mode"
"$venv/python" "$here/python/sdk.py"

echo "CloudEvents SDK for Go: binary and structured mode"
(cd $here/golang && go test -count=1 ./...)

echo "schemathesis: at most $SCHEMATHESIS seconds, from one seed"
config=$PWD/$here/schemathesis.toml
(cd "$work" && "$venv/schemathesis" --config-file "$config" run "$LAPSE_URL/openapi.json" \
  --max-time "$SCHEMATHESIS" --max-examples 10 --seed 1 --no-color --warnings off)
if grep '"level":"ERROR"' "$work/data.log"; then
  exit 1
fi
