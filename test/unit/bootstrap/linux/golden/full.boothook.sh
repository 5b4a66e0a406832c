#!/bin/sh
umask 022
[ ! -e /run/agentctl/armed ] || exit 0
mkdir -p /run/agentctl
mkdir -m 700 /run/agentctl/private
cat >/run/agentctl/lib.sh <<'AGENTCTL_EOF'
run=/run/agentctl
own=$run/private
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

say() {
  { printf '\nagentctl: %s\n' "$1" >/dev/console; } 2>/dev/null || :
}

mark() {
  read -r up _ </proc/uptime
  now=$((${up%.*} * 100 + 1${up#*.} - 100 - $(cut -d ' ' -f 22 /proc/1/stat) + ${2:-0} * 100))
  printf '%s\n' "$1" >"$own/phase"
  say "$(printf 'phase=%s t=%d.%02d0' "$1" $((now / 100)) $((now % 100)))"
}

end() {
  : >"$own/ended"
  say "end reason=$1 $(printf '%s' "$2" | LC_ALL=C tr -c '[:print:]' ' ' | cut -c 1-400)"
}

power_off() {
  systemctl poweroff --force --force
  systemd-detect-virt --quiet --container || echo o >/proc/sysrq-trigger
}

# A pool that holds failures keeps the machine first. When that ends is said before the end, which nobody reads on from.
# The deadline of a boot is for machines that nobody keeps.
end_after_hold() {
  if [ -s "$own/hold" ]; then
    : >"$own/registered"
    mark held
    mark hold-ends "$(cat "$own/hold")"
  fi
  end "$1" "$2"
  if [ -s "$own/hold" ]; then
    sleep "$(cat "$own/hold")" &
    wait $!
  fi
}

fail() {
  end_after_hold agent-failed "boot: $1"
  power_off
  exit 1
}

arm() {
  name=$1 when=$2
  shift 2
  systemd-run --quiet --no-block --unit="agentctl-$name" "--$when" \
    --timer-property=DefaultDependencies=no --timer-property=AccuracySec=1s \
    -p DefaultDependencies=no "$@"
}
AGENTCTL_EOF
. /run/agentctl/lib.sh
fault=
arm ttl on-boot=90000 -p 'ExecStartPre=-/usr/bin/timeout 5 /bin/sh /run/agentctl/private/at-ttl' systemctl poweroff --force --force || fault=ttl
arm boot-deadline on-boot=900 -p 'ConditionPathExists=!/run/agentctl/private/registered' -p 'ExecStartPre=-/usr/bin/timeout 5 /bin/sh /run/agentctl/private/at-boot-deadline' systemctl poweroff --force --force || fault=boot-deadline
arm soft-stop on-boot=89840 sh /run/agentctl/private/at-soft-stop || fault=soft-stop
: >/run/agentctl/armed
cat >"$own/at-ttl" <<'AGENTCTL_EOF'
. /run/agentctl/lib.sh
if [ -e "$own/ended" ]; then say 'power-off forced at the end of its 90000 s'; exit; fi
end expired 'power-off forced: its 90000 s are over'
AGENTCTL_EOF
cat >"$own/at-boot-deadline" <<'AGENTCTL_EOF'
. /run/agentctl/lib.sh
phase=$(cat "$own/phase")
case $phase in
  agent-*) reason=agent-timeout ;;
  *) reason=boot-timeout ;;
esac
[ -e "$own/ended" ] || end "$reason" "no agent registered within 900 s of boot; last phase: ${phase:-none}"
AGENTCTL_EOF
cat >"$own/at-soft-stop" <<'AGENTCTL_EOF'
. /run/agentctl/lib.sh
[ -e "$own/stop-cause" ] || echo 'expired soft stop after 89840 s of 90000 s' >"$own/stop-cause"
say 'soft stop: 89840 s of 90000 s are over'
systemctl stop --no-block agentctl-agent.service
AGENTCTL_EOF
[ -z "$fault" ] || fail "the timer $fault could not be armed"
mark timers-armed
machine_id() { cat /sys/class/dmi/id/product_uuid 2>/dev/null || cat /etc/machine-id; }
if [ -e /var/lib/agentctl/machine ] && [ "$(cat /var/lib/agentctl/machine)" = "$(machine_id)" ]; then
  end lost 'the machine booted a second time'
  power_off
fi
mkdir -p /var/lib/agentctl /etc/systemd/system/sysinit.target.wants
machine_id >/var/lib/agentctl/machine
cat >/var/lib/agentctl/second-boot <<'AGENTCTL_EOF'
id=$(cat /sys/class/dmi/id/product_uuid 2>/dev/null || cat /etc/machine-id)
[ "$id" = "$(cat /var/lib/agentctl/machine)" ] || exit 0
printf '\nagentctl: end reason=lost the machine booted a second time\n' >/dev/console
systemctl poweroff --force --force
AGENTCTL_EOF
cat >/etc/systemd/system/agentctl-second-boot.service <<'AGENTCTL_EOF'
[Unit]
Description=Power off a machine of agentctl that boots a second time
DefaultDependencies=no
ConditionPathExists=!/run/agentctl/armed
[Service]
Type=oneshot
ExecStart=/bin/sh /var/lib/agentctl/second-boot
AGENTCTL_EOF
ln -sf ../agentctl-second-boot.service /etc/systemd/system/sysinit.target.wants/
lacking=
need() { command -v "$1" >/dev/null 2>&1 || lacking="$lacking $1 (package $2)"; }
need bash bash
need systemctl systemd
need systemd-run systemd
need setpriv util-linux
need timeout coreutils
need sha256sum coreutils
need mkfifo coreutils
need tar tar
need gzip gzip
need useradd passwd
need getent libc-bin
command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1 || need python3 'curl, wget or python3'
[ -z "$lacking" ] || fail "the image lacks$lacking"
exit 0
