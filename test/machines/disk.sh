#!/bin/sh
# Makes a disk for QEMU from the guest image, with the devkit's agent in it, and prints its path. Beside it lie vmlinuz
# and ramdisk, which boots it.
#
#   disk.sh NODE DEVKIT_DIST YAML AGENT_SCRIPT
#
# Kept in the image's folder until one of its parts changes. What a machine under software emulation needs a second for,
# and no test asks for, is left out: a boot takes two thirds of the time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
node=$1 dist=$2 yaml=$3 agent=$4
image=$(sh "$here/image.sh")
disk=$image/disk.img
# shellcheck disable=SC2046 # a list of words
key=$(cat "$0" "$here/init" "$here/../qemu/ramdisk.sh" "$image/key" "$node" "$agent" $(find "$dist" -name '*.js' | sort) | sha256sum | cut -d ' ' -f 1)

# Services and mounts that a machine of one job has no use for; cloud-config runs a list of modules that is empty here.
masked='modprobe@.service sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount
sys-fs-fuse-connections.mount dev-hugepages.mount dev-mqueue.mount proc-sys-fs-binfmt_misc.automount
systemd-binfmt.service systemd-pstore.service systemd-sysusers.service systemd-random-seed.service
systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-network-generator.service
kmod-static-nodes.service e2scrub_reap.service timers.target cloud-init-hotplugd.socket cloud-config.service'

lean() {
  for unit in $masked; do ln -sf /dev/null "$1/etc/systemd/system/$unit"; done
  # Without drivers for whatever the board might have: those that are needed have names.
  ln -sf /dev/null "$1/etc/udev/rules.d/80-drivers.rules"
  printf '%s\n' virtio_net virtio_scsi sr_mod isofs button >"$1/etc/modules-load.d/guest.conf"
}

exec 9>"$image/disk.lock"
flock 9
if [ "$(cat "$disk.key" 2>/dev/null)" != "$key" ]; then
  tree=$image/disk.tree
  rm -rf "$tree" "$disk" "$disk.key"
  cp -a --reflink=auto "$image/tree" "$tree"
  mkdir -p "$tree/opt/devkit/node_modules" "$tree/opt/semaphore/agent"
  install -m 711 "$node" "$tree/opt/devkit/node"
  cp -a "$dist" "$tree/opt/devkit/dist"
  cp -a "$yaml" "$tree/opt/devkit/node_modules/yaml"
  printf '{ "type": "module" }' >"$tree/opt/devkit/package.json"
  install -m 755 "$agent" "$tree/opt/semaphore/agent/agent"
  # A container gets its network from the engine; a virtual machine has to ask for it.
  printf '[Match]\nName=e*\n[Network]\nDHCP=yes\n' >"$tree/etc/systemd/network/80-dhcp.network"
  printf 'network: { config: disabled }\n' >"$tree/etc/cloud/cloud.cfg.d/99-no-network.cfg"
  # Which of them it is, cloud-init finds out by the seed disk and by SMBIOS.
  printf 'datasource_list: [ NoCloud, Azure, GCE ]\n' >"$tree/etc/cloud/cloud.cfg.d/99-sources.cfg"
  systemctl --quiet --root "$tree" enable systemd-networkd >&2
  lean "$tree"
  sh "$here/../qemu/ramdisk.sh" "$tree" "$(ls "$tree/lib/modules")" "$here/init" virtio_pci virtio_blk >"$image/ramdisk"
  truncate -s 2G "$disk"
  /sbin/mkfs.ext4 -q -F -d "$tree" "$disk"
  rm -rf "$tree"
  printf '%s\n' "$key" >"$disk.key"
fi
printf '%s\n' "$disk"
