#!/usr/bin/env bash
# Runs the functions as "sam local" does, in containers: each on each of its samples in events/, and then a whole story
# over HTTP, with an order that ends at an instant that really passes. For the cloud stands "lapse backends", on this
# machine. Usage: make sam-test
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "sam-test: $*" >&2
  exit 1
}

# ---- what is needed -------------------------------------------------------------------------------------------------

for program in docker curl python3 go npm; do
  command -v "$program" >/dev/null || fail "$program is missing"
done
reason=$(docker info 2>&1 >/dev/null) || fail "no container engine runs here: ${reason//$'\n'/ }"

case $(uname -m) in
  arm64 | aarch64) ARCH=arm64 ;;
  *) ARCH=x86_64 ;;
esac
PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# ARCH tells the make targets what the parameter tells SAM.
export ARCH DOCKER_BUILDKIT=0 SAM_CLI_TELEMETRY=0 PATH="$PWD/build/sam/venv/bin:$PATH"
# Without credentials SAM gives the functions its own dummies and asks no account.
unset "${!AWS_@}"
export AWS_DEFAULT_REGION=eu-central-1 AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true

image=public.ecr.aws/lambda/provided:al2023-$ARCH
standin=
backends=
api=
mkdir -p build/sam
work=$(mktemp -d build/sam/run-XXXXXX)

finish() {
  code=$?
  trap - EXIT INT TERM
  [ "$code" = 0 ] || tail -n 30 "$work"/*.log >&2 2>/dev/null || true
  stop "$api"
  stop "$backends"
  # Where a sam was ended in its work, its container is left.
  grep -hos 'SAM_CONTAINER_ID: [0-9a-f]*' "$work"/*.log | cut -d ' ' -f 2 | xargs -r docker rm --force >/dev/null 2>&1 || true
  [ -z "$standin" ] || docker rmi --force "$image" "${image/al2023/al2023-rapid}" >/dev/null 2>&1 || true
  rm -rf "$work" build/sam/env.json build/sam/event.json
  exit "$code"
}

# stop PID: ends a process that this script started, and waits for it.
stop() {
  [ -n "$1" ] || return 0
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}
trap finish EXIT
trap 'exit 130' INT TERM

# ---- build ----------------------------------------------------------------------------------------------------------

if [ ! -e "build/sam/venv/sam-$SAM_CLI" ]; then
  python3 -m venv build/sam/venv
  build/sam/venv/bin/pip install --quiet "aws-sam-cli==$SAM_CLI"
  touch "build/sam/venv/sam-$SAM_CLI"
fi
if ! docker pull --quiet "$image" > "$work/pull.log" 2>&1 && ! docker image inspect "$image" >/dev/null 2>&1; then
  echo "sam-test: $image cannot be pulled; a stand-in is made from busybox ($(tail -n 1 "$work/pull.log"))"
  standin=yes
  sam/base-image.sh "$image"
fi

# What the containers call this machine, the bridge's address, is seen from nowhere else. Docker Desktop's bridge is in a
# machine of its own, whose host.docker.internal leads to the loopback address here.
HOST=$(docker run --rm --add-host host.docker.internal:host-gateway --entrypoint cat "$image" /etc/hosts | awk '$2 == "host.docker.internal" { print $1; exit }')
[ "$(docker info --format '{{.OperatingSystem}}')" != "Docker Desktop" ] || HOST=127.0.0.1

sam validate --lint
sam build --parameter-overrides "Architecture=$ARCH" > "$work/build.log" 2>&1
go build -o build/lapse ./internal/cmd/lapse

# ---- every function on every sample ---------------------------------------------------------------------------------

# open: an empty world, in the place of the one before.
open() {
  stop "$backends"
  : > "$work/ready"
  build/lapse backends --listen "$HOST:0" --env build/sam/env.json >> "$work/ready" 2>> "$work/backends.log" &
  backends=$!
  until grep -q ^ready "$work/ready"; do
    kill -0 "$backends" 2>/dev/null || fail "the backends ended"
    sleep 0.1
  done
  inside=$(grep -o 'http://[^/]*' "$work/ready")
}

# invoke FUNCTION EVENT: prints the function's answer.
invoke() {
  local function=$1 event=$2
  sam local invoke "$function" --config-env local --parameter-overrides "Architecture=$ARCH" --event "$event" 2>> "$work/invoke.log"
}

# function of a sample's name: "api-not-found" is ApiFunction's.
function_of() {
  local name=${1%%-*}
  echo "${name^}Function"
}

samples() {
  local event name before
  for event in events/*.json; do
    name=$(basename "$event" .json)
    open
    for before in $(sam/check.py before "$name"); do
      invoke "$(function_of "$before")" "events/$before.json" | grep -q '"statusCode": *20[12]' || fail "$before, before $name"
    done
    invoke "$(function_of "$name")" "$event" > "$work/answer.json"
    sam/check.py sample "$name" "$work/answer.json" "$inside" || fail "$name"
    echo "ok   $(function_of "$name") on $event"
  done
}

samples

# ---- a story over HTTP ----------------------------------------------------------------------------------------------

open
sam local start-api --config-env local --parameter-overrides "Architecture=$ARCH" --port "$PORT" > "$work/api.log" 2>&1 &
api=$!
until curl --silent --output /dev/null "http://127.0.0.1:$PORT/v1/agenda"; do
  kill -0 "$api" 2>/dev/null || fail "sam local start-api ended"
  sleep 0.5
done

# post TYPE < DATA: one event of the story; its answer has to be 201.
post() {
  sam/check.py event "$1" > build/sam/event.json
  curl --silent --show-error --fail-with-body --header 'content-type: application/cloudevents+json' --data @build/sam/event.json "http://127.0.0.1:$PORT/v1/events" > "$work/answer.json" || fail "$1: $(cat "$work/answer.json")"
}

ask() {
  curl --silent --show-error --fail-with-body "http://127.0.0.1:$PORT$1"
}

issuer='"issuer": {"name": "District Court", "role": "court", "country": "US", "region": "US-CA", "zone": "America/Los_Angeles"}'
now=$(sam/check.py instant 0)
post lapse.request.received.v1 <<< '{"reference": "Warrant 1", "instrument": "search_warrant", "legalBasis": "18 U.S.C. 2703", '"$issuer"', "receivedAt": "'"$now"'",
  "dataSought": [{"category": "content"}], "subjects": [{"id": "u1", "accountClass": "consumer", "language": "en",
  "contacts": [{"role": "user", "email": "u1@example.com", "verified": true}]}]}'
post lapse.request.decided.v1 <<< '{"decision": "comply", "reason": "The warrant is valid."}'
until=$(sam/check.py instant 40)
post lapse.order.received.v1 <<< '{"orderId": "o1", "kind": "court_order", '"$issuer"', "covers": {"subjects": "all"},
  "end": {"kind": "instant", "at": "'"$until"'"}, "signed": true}'
post lapse.disclosure.made.v1 <<< '{"disclosureId": "d1", "basis": "compelled", "at": "'"$now"'", "categories": ["content"],
  "content": true, "subjects": ["u1"]}'

ask "/v1/matters/mat-sam/why?subject=u1" | sam/check.py has "\"due\":\"$until\"" '"source":"o1"'
invoke DispatchFunction events/dispatch-tick.json | sam/check.py has '"sent":0'
curl --silent --fail "$inside/local/inbox.json" | sam/check.py has '[]'
sam/check.py passed "$until" && fail "the sweep was to come before the order's end; this machine is too slow for the story"
echo "ok   nobody is told while the order holds, until $until"

# The end itself, and the margin by which clocks may differ, have to be over.
until sam/check.py passed "$until" 3; do
  sleep 1
done
invoke DispatchFunction events/dispatch-tick.json | sam/check.py has '"sent":1'
curl --silent --fail "$inside/local/inbox.json" | sam/check.py has '"to":"u1@example.com"' '"n":1'
echo "ok   the mail is in the inbox"

sleep 3 # SES reports a delivery two seconds after it took the mail
curl --silent --fail "$inside/local/reports.json" > "$work/reports.json"
invoke DeliveryFunction "$work/reports.json" | sam/check.py has '"batchItemFailures":[]'
ask "/v1/matters/mat-sam" | sam/check.py has '"state":"delivered"'
echo "ok   what SES reports makes the notice delivered"

# The half-year goes on, so nothing is due: the function looks, and puts nothing.
invoke ReportFunction events/report-schedule.json | sam/check.py has '"reports":[]'
echo "ok   no report is due before its time"
