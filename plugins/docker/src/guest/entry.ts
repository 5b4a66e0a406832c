/** Where the engine puts the files of {@link entryScript} before the start. */
export const bootFolder = '/.agentctl'
/** A tmpfs, so that what the agent's settings pass through is never on a disk. */
export const runTmpfs = '/run/agentctl'
export const runFolder = `${runTmpfs}/guest`

/**
 * What the engine's small init runs in a `process` guest: takes the user data out of its file, gives it to bash through
 * a pipe, so that no process holds a file in which a job could read it again, and ends the guest at its deadline.
 * When it ends, by whomever, the guest ends. Its argument is the stop grace in seconds. Needs bash 4.3 and coreutils.
 *
 * The deadline is soft first: SIGTERM one stop grace before it, but not in the first half of a short life.
 */
export const entryScript = String.raw`
boot=${bootFolder} grace=$1
fail() {
  printf 'agentctl: %s\n' "$1" >&2
  exit 70
}
now() { printf -v now '%(%s)T' -1; }
[ -r "$boot/user-data" ] || fail 'no user data was delivered'
exec 4<"$boot/user-data"
IFS= read -r deadline <"$boot/deadline" || fail 'no deadline was delivered'
rm -f "$boot/user-data" "$boot/deadline"
rmdir "$boot" 2>/dev/null
[ ! -e "$boot/user-data" ] || fail 'the user data cannot be removed'
mkdir -m 700 "$AGENTCTL_RUN" || fail 'the run folder cannot be made'
if [ -z "$HOME" ] || [ "$HOME" = / ] || [ ! -w "$HOME" ]; then
  HOME=$(mktemp -d /tmp/home.XXXXXX) || fail 'there is no place for a home folder'
fi
export HOME
cd "$HOME" || fail 'the home folder cannot be entered'

now
soft_at=$((deadline - grace))
half=$(((now + deadline) / 2))
[ "$soft_at" -ge "$half" ] || soft_at=$half

# With job control the script gets a process group of its own, and SIGINT is not ignored in it.
set -m
cat <&4 | bash /dev/fd/3 3<&0 </dev/null 4<&- &
script=$!
set +m

limit=$deadline
stopping=
stop() {
  [ -z "$stopping" ] || return 0
  stopping=1
  now
  [ "$((now + grace))" -ge "$limit" ] || limit=$((now + grace))
  kill -TERM "$script" 2>/dev/null
}
trap stop TERM INT
exec 4<&-

while kill -0 "$script" 2>/dev/null; do
  now
  if [ "$now" -ge "$limit" ]; then
    echo 'agentctl: the time is over, ending the guest'
    exit 137
  fi
  if [ -z "$stopping" ] && [ "$now" -ge "$soft_at" ]; then
    echo 'agentctl: the deadline is near, stopping the guest'
    stop
  fi
  left=$((limit - now))
  [ -n "$stopping" ] || left=$((soft_at - now))
  [ "$left" -le 2 ] || left=2
  [ "$left" -ge 1 ] || left=1
  # A job may end it early: the clock decides, not the sleep.
  sleep "$left" &
  wait -n "$script" $! 2>/dev/null
done
wait "$script"
`
