#!/usr/bin/env bash
# Makes a stand-in for Lambda's base image where that cannot be pulled: a static busybox, the CA certificates, and the
# folders that Lambda promises. It is enough, because the SAM CLI brings the runtime's emulator itself and the functions
# are static binaries. Usage: base-image.sh IMAGE
set -euo pipefail

busybox=$(command -v busybox) || {
  echo "sam-test: busybox is missing (on Debian: apt-get install busybox-static)" >&2
  exit 1
}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,dev,proc,sys,opt,root,etc/ssl/certs,var/task,var/runtime}
mkdir -m 1777 "$root/tmp"
cp -L "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" || true # nothing in the test speaks TLS
echo 'root:x:0:0:root:/root:/bin/sh' > "$root/etc/passwd"
tar -C "$root" -c . | docker import --change 'ENV PATH=/bin LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime' - "$1" >/dev/null
