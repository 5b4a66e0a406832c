#!/bin/sh
# Installs what the tests of the qemu provider need on Debian or Ubuntu, as root. Installs nothing that is there.
set -eu
need="qemu-system-x86 qemu-utils cloud-image-utils busybox-static"
missing=
for package in $need; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # a list of words
apt-get install -y -q --no-install-recommends $missing
