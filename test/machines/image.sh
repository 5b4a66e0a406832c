#!/bin/sh
# Builds the guest image of the machine tests: Debian 12 with systemd and cloud-init, x86_64.
#
#   image.sh            builds what is missing and prints the image's folder, which holds
#                         tree/      the whole root file system
#                         vmlinuz, initrd.img
#                         key        what it was built from
#   image.sh --tar      the tree as a tar file on standard output, without kernel, for `docker import`
#
# Packages come from debootstrap's own mirror, or from $AGENTCTL_MACHINES_MIRROR.
# The folder is $AGENTCTL_MACHINES_CACHE (default ~/.cache/agentctl-machines)/image. Needs root and debootstrap.
set -eu
umask 022
cache=${AGENTCTL_MACHINES_CACHE:-$HOME/.cache/agentctl-machines}
image=$cache/image
suite=bookworm
packages=systemd,systemd-sysv,cloud-init,udev,dbus,iproute2,isc-dhcp-client,netbase,ca-certificates,curl,sudo
packages=$packages,nftables,git,openssh-client,python3,procps,cron,linux-image-cloud-amd64

# A short list of modules: locale and ssh keys cost most of cloud-init's time, and prove nothing here.
cloud_config='datasource_list: [ NoCloud ]
disable_root: false
preserve_hostname: true
cloud_init_modules: [ seed_random, bootcmd, write-files, users-groups ]
cloud_config_modules: [ runcmd ]
cloud_final_modules: [ scripts-per-once, scripts-per-boot, scripts-per-instance, scripts-user, final-message ]
system_info: { default_user: { name: debian, lock_passwd: true } }
'
key=$(printf '%s %s %s' "$suite" "$packages" "$cloud_config" | sha256sum | cut -d ' ' -f 1)

build() {
  command -v debootstrap >/dev/null || { echo 'image.sh: debootstrap is missing, see setup.sh' >&2; exit 1; }
  tree=$image.new/tree
  rm -rf "$image.new"
  mkdir -p "$tree"
  # It leaves some packages unconfigured, as it does not resolve what python3-cffi-backend provides: apt does.
  debootstrap --variant=minbase --include="$packages" "$suite" "$tree" ${AGENTCTL_MACHINES_MIRROR:+"$AGENTCTL_MACHINES_MIRROR"} >"$image.new/log" 2>&1 ||
    echo 'image.sh: debootstrap left work for apt' >&2
  chroot "$tree" sh -ec '
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get -f install -y -q
    dpkg --configure -a
    apt-get clean
    rm -rf /var/lib/apt/lists/* /var/lib/cloud /etc/machine-id /var/lib/dbus/machine-id
    : >/etc/machine-id
    systemctl mask systemd-networkd-wait-online.service getty.target console-getty.service
  ' >>"$image.new/log" 2>&1 || { tail -n 20 "$image.new/log" >&2; exit 1; }
  printf '%s' "$cloud_config" >"$tree/etc/cloud/cloud.cfg.d/99-machine-tests.cfg"
  printf 'machine\n' >"$tree/etc/hostname"
  printf '127.0.0.1 localhost machine\n169.254.169.254 metadata.google.internal\n' >"$tree/etc/hosts"
  cp "$tree"/boot/vmlinuz-* "$image.new/vmlinuz"
  cp "$tree"/boot/initrd.img-* "$image.new/initrd.img"
  printf '%s\n' "$key" >"$image.new/key"
  rm -rf "$image"
  mv "$image.new" "$image"
}

mkdir -p "$cache"
exec 9>"$cache/image.lock"
flock 9
[ "$(cat "$image/key" 2>/dev/null)" = "$key" ] || build >&2
flock -u 9
case ${1:-} in
  --tar) exec tar -C "$image/tree" --numeric-owner --xattrs -cf - --exclude='./boot/*' --exclude='./usr/lib/modules/*' --exclude='./lib/modules/*' . ;;
  '') printf '%s\n' "$image" ;;
  *) echo "image.sh: unknown argument $1" >&2; exit 2 ;;
esac
