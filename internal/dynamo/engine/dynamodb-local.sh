#!/usr/bin/env bash
# Runs AWS's DynamoDB Local under the command line of package engine: serve --host HOST --port PORT [--db-path FILE].
# The libraries lie in the folder lib beside this script, where "make second-engine" puts both.
# DynamoDB Local has no option for its address: it listens on every interface, whatever HOST says. So it is for tests.
set -euo pipefail

fail() {
  echo "dynamodb-local: $*" >&2
  exit 2
}

lib=$(cd "$(dirname "$0")" && pwd)/lib
port=
where=(-inMemory)
[ "${1-}" = serve ] || fail "the one command is serve"
shift
while [ $# -gt 1 ]; do
  case $1 in
    --host) ;;
    --port) port=$2 ;;
    --db-path)
      # It takes a folder. Its name stands beside the file's, so that the folder above can be told by it (leftover.go).
      mkdir -p "$2.local"
      where=(-sharedDb -dbPath "$2.local")
      ;;
    *) fail "unknown option $1" ;;
  esac
  shift 2
done
[ $# = 0 ] || fail "the option $1 has no value"
[ -n "$port" ] || fail "--port is missing"

# The process stays the same one, so that whoever started it can end it. A small heap and the first compiler start fastest.
exec java -Xms64m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.library.path="$lib" -cp "$lib/*" \
  com.amazonaws.services.dynamodbv2.local.main.ServerRunner -disableTelemetry -port "$port" "${where[@]}"
