#!/bin/sh
# Makes a disk for QEMU from the guest image, with the devkit's agent in it, and prints its path.
#
#   disk.sh NODE DEVKIT_DIST YAML AGENT_SCRIPT
#
# Kept in the image's folder until one of its parts changes.
set -eu
node=$1 dist=$2 yaml=$3 agent=$4
image=$(sh "$(dirname "$0")/image.sh")
disk=$image/disk.img
key=$(cat "$0" "$image/key" "$node" "$agent" $(find "$dist" -name '*.js' | sort) | sha256sum | cut -d ' ' -f 1)

exec 9>"$image/disk.lock"
flock 9
if [ "$(cat "$disk.key" 2>/dev/null)" != "$key" ]; then
  rm -rf "$image/disk.tree" "$disk" "$disk.key"
  cp -a --reflink=auto "$image/tree" "$image/disk.tree"
  mkdir -p "$image/disk.tree/opt/devkit/node_modules" "$image/disk.tree/opt/semaphore/agent"
  install -m 711 "$node" "$image/disk.tree/opt/devkit/node"
  cp -a "$dist" "$image/disk.tree/opt/devkit/dist"
  cp -a "$yaml" "$image/disk.tree/opt/devkit/node_modules/yaml"
  printf '{ "type": "module" }' >"$image/disk.tree/opt/devkit/package.json"
  install -m 755 "$agent" "$image/disk.tree/opt/semaphore/agent/agent"
  # A container gets its network from the engine; a virtual machine has to ask for it.
  printf '[Match]\nName=e*\n[Network]\nDHCP=yes\n' >"$image/disk.tree/etc/systemd/network/80-dhcp.network"
  printf 'network: { config: disabled }\n' >"$image/disk.tree/etc/cloud/cloud.cfg.d/99-no-network.cfg"
  systemctl --root "$image/disk.tree" enable systemd-networkd >&2
  truncate -s 2G "$disk"
  /sbin/mkfs.ext4 -q -F -d "$image/disk.tree" "$disk"
  rm -rf "$image/disk.tree"
  printf '%s\n' "$key" >"$disk.key"
fi
printf '%s\n' "$disk"
