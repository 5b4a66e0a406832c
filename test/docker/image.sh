#!/usr/bin/env bash
# Puts a small root file system for a guest into FOLDER, out of this machine's own files, so that no network is needed.
# usage: image.sh FOLDER NODE DEVKIT_DIST
set -euo pipefail
root=$1 node=$2 devkit=$3
programs="bash cat sleep date tail head tr timeout mkfifo mktemp rm rmdir mkdir mv ls cut env id sha256sum kill ps grep
  stat chmod true setsid seq wc sed hostname readlink uname touch dd sort getent setpriv chown cp"

mkdir -p "$root"/{bin,etc,tmp,root,proc,sys,dev,run,sbin,cache,devkit,home/worker,usr/local/bin}
chmod 1777 "$root/tmp"
found=()
for program in $programs; do
  path=$(type -P "$program") || { echo "this machine has no $program" >&2; exit 1; }
  cp -L "$path" "$root/bin/$program"
  found+=("$root/bin/$program")
done
cp -L "$node" "$root/usr/local/bin/node"
ln -s bash "$root/bin/sh"
for library in $(ldd "${found[@]}" "$node" 2>/dev/null | grep -o '/[^ )]*\.so[^ )]*' | sort -u); do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done

printf '%s\n' 'root:x:0:0:root:/root:/bin/bash' 'worker:x:1000:1000::/home/worker:/bin/bash' >"$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'worker:x:1000:' >"$root/etc/group"
chown 1000:1000 "$root/home/worker"

cp -r "$devkit/." "$root/devkit/"
printf '{"type": "module"}' >"$root/package.json"
cat >"$root/usr/local/bin/agent" <<'SCRIPT'
#!/bin/bash
exec node /devkit/agent/main.js "$@"
SCRIPT
# Stands for systemd: says what it was given, and obeys the signals that ask for a halt and a power-off.
cat >"$root/sbin/init" <<'SCRIPT'
#!/bin/bash
trap 'echo init: halt; exit 0' 37
trap 'echo init: power-off; exit 0' 38
trap 'echo init: power-off at once; exit 0' 48
echo "init: pid=$$ index=$AGENTCTL_UNIT_INDEX container=$container"
echo "init: user-data $(sha256sum </var/lib/cloud/seed/nocloud/user-data)"
echo "init: meta-data $(cat /var/lib/cloud/seed/nocloud/meta-data)"
echo "init: modes $(stat -c %a /var/lib/cloud/seed/nocloud /var/lib/cloud/seed/nocloud/user-data | tr '\n' ' ')"
while :; do sleep 1 & wait $!; done
SCRIPT
chmod 755 "$root/usr/local/bin/agent" "$root/sbin/init"
