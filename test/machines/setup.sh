#!/bin/sh
# Installs what the machine tests need on Debian or Ubuntu, as root.
set -eu
need="docker.io debootstrap shellcheck qemu-system-x86 qemu-utils busybox-static cloud-image-utils iptables iproute2 zstd prometheus tmux"
missing=
for package in $need; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
export DEBIAN_FRONTEND=noninteractive
# The package's own service would start an engine that nobody here uses.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -q
# shellcheck disable=SC2086 # a list of words
apt-get install -y -q --no-install-recommends $missing
