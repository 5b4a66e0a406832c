#!/bin/sh
# Builds the tiny guest of the qemu tests, x86_64: Debian's cloud kernel, and busybox with a handful of modules as its
# RAM disk. Prints the folder, which holds vmlinuz and initrd. Boots in 2 to 3 s in software emulation.
#
# The kernel is that of test/machines/image.sh where that image is there, else it is taken out of Debian's package,
# which is not installed. The folder is $AGENTCTL_MACHINES_CACHE (default ~/.cache/agentctl-machines)/tiny.
set -eu
umask 022
cache=${AGENTCTL_MACHINES_CACHE:-$HOME/.cache/agentctl-machines}
tiny=$cache/tiny
modules='virtio_pci virtio_blk virtio_net isofs button evdev qemu_fw_cfg'
here=$(dirname "$0")
key=$(cat "$0" "$here/ramdisk.sh" "$here/init" | sha256sum | cut -d ' ' -f 1)

fetch_kernel() {
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  [ -n "$package" ] || { echo 'guest.sh: apt knows no linux-image-cloud-amd64' >&2; exit 1; }
  mkdir -p "$work/package"
  (cd "$work" && apt-get download -q "$package" && dpkg -x "$package"_*.deb package) >&2
  root=$work/package
}

# The first of these files that is there, or nothing.
first_of() {
  for file in "$@"; do [ ! -e "$file" ] || { printf '%s\n' "$file"; return; }; done
}

build() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  root=$cache/image/tree
  kernel=$(first_of "$root"/boot/vmlinuz-*)
  [ -n "$kernel" ] || fetch_kernel
  kernel=$(first_of "$root"/boot/vmlinuz-*)
  # shellcheck disable=SC2086 # a list of words
  sh "$here/ramdisk.sh" "$root" "${kernel##*/vmlinuz-}" "$here/init" $modules >"$work/initrd"
  rm -rf "$tiny"
  mkdir -p "$tiny"
  cp "$kernel" "$tiny/vmlinuz"
  mv "$work/initrd" "$tiny/initrd"
  printf '%s\n' "$key" >"$tiny/key"
}

mkdir -p "$cache"
exec 9>"$cache/tiny.lock"
flock 9
[ "$(cat "$tiny/key" 2>/dev/null)" = "$key" ] || build >&2
flock -u 9
printf '%s\n' "$tiny"
