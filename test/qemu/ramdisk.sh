#!/bin/sh
# Makes an initial RAM disk of busybox and a few kernel modules, and writes it to standard output.
#
#   ramdisk.sh ROOT VERSION INIT MODULE...     ROOT holds lib/modules/VERSION; INIT becomes /init
set -eu
root=$1 version=$2 init=$3
shift 3
tree=$root/lib/modules/$version
disk=$(mktemp -d)
trap 'rm -rf "$disk"' EXIT
# A package is unpacked without its index of dependencies.
[ -e "$tree/modules.dep" ] || busybox depmod -b "$root" "$version"
mkdir -p "$disk/bin" "$disk/modules" "$disk/dev" "$disk/proc" "$disk/sys" "$disk/seed" "$disk/run" "$disk/root"
cp "$(command -v busybox)" "$disk/bin/busybox"
# Each module after those it needs: modules.dep names the nearest first.
number=100
for module in "$@"; do
  line=$(grep "/$module\.ko:" "$tree/modules.dep")
  # shellcheck disable=SC2086 # a list of words
  for file in $(printf '%s\n' ${line#*:} | tac) ${line%%:*}; do
    ls "$disk/modules"/*-"${file##*/}" >/dev/null 2>&1 && continue
    cp "$tree/$file" "$disk/modules/$number-${file##*/}"
    number=$((number + 1))
  done
done
install -m 755 "$init" "$disk/init"
cd "$disk"
find . | busybox cpio -o -H newc 2>/dev/null
