/** Longest detail of an `end` line. Unit: characters. */
const detailMax = 400

/**
 * POSIX sh, sourced by every script of the guest: what it says on the console, and how it ends the machine.
 *
 * Times are seconds since process 1 started, which is the power-on of a virtual machine and the start of a container.
 * A line of ours begins on a fresh line, because a prompt or a kernel message may stand on the console already.
 * The kernel's own power-off (`o`) is for the case that systemctl fails; in a container it would be the host's.
 */
export const library = `run=/run/agentctl
own=$run/private
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

say() {
  { printf '\\nagentctl: %s\\n' "$1" >/dev/console; } 2>/dev/null || :
}

mark() {
  read -r up _ </proc/uptime
  now=$((\${up%.*} * 100 + 1\${up#*.} - 100 - $(cut -d ' ' -f 22 /proc/1/stat) + \${2:-0} * 100))
  printf '%s\\n' "$1" >"$own/phase"
  say "$(printf 'phase=%s t=%d.%02d0' "$1" $((now / 100)) $((now % 100)))"
}

end() {
  : >"$own/ended"
  say "end reason=$1 $(printf '%s' "$2" | LC_ALL=C tr -c '[:print:]' ' ' | cut -c 1-${detailMax})"
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
  systemd-run --quiet --no-block --unit="agentctl-$name" "--$when" \\
    --timer-property=DefaultDependencies=no --timer-property=AccuracySec=1s \\
    -p DefaultDependencies=no "$@"
}
`
