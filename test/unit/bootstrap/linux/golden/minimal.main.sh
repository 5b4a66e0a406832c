#!/bin/bash
umask 022
. /run/agentctl/lib.sh
is_done=
trap '[ -n "$is_done" ] || [ -e "$own/ended" ] || fail "the set-up ended early"' EXIT
mark booted
cd /
#: package-timers
systemctl mask --now --quiet apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service unattended-upgrades.service dnf-makecache.timer dnf-automatic.timer packagekit.service 2>/dev/null
#: user
user='semaphore'
id "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$user" || fail "cannot make the user $user"
uid=$(id -u "$user") gid=$(id -g "$user")
[ "$uid" != 0 ] || fail "the user of the agent is root"
home=$(getent passwd "$user" | cut -d : -f 6)
#: http
cat >/run/agentctl/http.sh <<'AGENTCTL_FILE'
http() {
  local method=$1 url=$2 out=$3 header direct=
  local -a given=()
  shift 3
  case $url in http://169.254.169.254/*) direct=1 ;; esac
  if command -v curl >/dev/null; then
    for header; do given+=(-H "$header"); done
    [ -z "$direct" ] || given+=(--noproxy '*')
    curl -sSfL --connect-timeout 10 --max-time 120 -X "$method" -o "$out" "${given[@]}" "$url"
  elif command -v wget >/dev/null; then
    for header; do given+=("--header=$header"); done
    [ -z "$direct" ] || given+=(--no-proxy)
    wget -nv --tries=1 --timeout=30 --method="$method" -O "$out" "${given[@]}" "$url"
  else
    python3 - "$method" "$url" "$out" "$direct" "$@" <<'AGENTCTL_PY'
import sys, urllib.request as web
method, url, out, direct, *headers = sys.argv[1:]
opener = web.build_opener(*([web.ProxyHandler({})] if direct else []))
request = web.Request(url, method=method, headers=dict(line.split(": ", 1) for line in headers))
try:
    with opener.open(request, timeout=30) as answer, (sys.stdout.buffer if out == "-" else open(out, "wb")) as file:
        while block := answer.read(1 << 20):
            file.write(block)
except OSError as error:
    sys.exit(str(error))
AGENTCTL_PY
  fi
}
AGENTCTL_FILE
. /run/agentctl/http.sh
#: downloads
download() {
  local attempt fault sum
  for ((attempt = 1; attempt <= 5; attempt++)); do
    [ "$attempt" = 1 ] || sleep "$(((attempt - 1) * 2000 / 1000))"
    if fault=$(http GET "$2" "$5" 2>&1); then
      sum=$(sha256sum "$5")
      sum=${sum%% *}
      [ "$sum" != "$4" ] || return 0
      fault="its SHA-256 is $sum, not $4"
    fi
    rm -f "$5"
  done
  fail "no $1 from $3 in 5 attempts: ${fault##*$'\n'}"
}

#: requirements
lacking=
need() { command -v "$1" >/dev/null 2>&1 || lacking="$lacking $1 (package $2)"; }
need git git
need nft nftables
command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1 || need python3 'curl, wget or python3'
[ -z "$lacking" ] || fail "the image lacks$lacking"
#: agent
agent='/opt/semaphore/agent/agent'
agent_version=''
install_agent() {
  local lacking
  if [ ! -x "$agent" ]; then
    lacking="no agent at $agent"
  elif [ -n "$agent_version" ] && ! "$agent" version 2>/dev/null | grep -qxF -e "$agent_version" -e "${agent_version#v}"; then
    lacking="the agent at $agent is not $agent_version"
  else
    return 0
  fi
  fail "$lacking, and no download is configured"
}
seal_agent() {
  local real
  real=$(readlink -f "$agent")
  [ "$(head -c 2 "$real")" != '#!' ] || return 0
  chown root:root "$real" && chmod 711 "$real" && return 0
  [ -e /proc/sys/kernel/yama/ptrace_scope ] || say "warning: jobs can read the memory of $real"
}
install_agent
#: toolbox
install_toolbox() {
  [ ! -f "$home/.toolbox/toolbox" ] || return 0
  say 'the machine has no toolbox: no checkout, cache, artifact'
}
install_toolbox
#: known-hosts
mkdir -p /etc/ssh
printf '%s\n' 'github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl
github.com ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=
gitlab.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf
gitlab.com ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFSMqzJeV9rUzU4kWitGjeR4PWSa29SPqJ1fVkhtj3Hw9xjLVXVYrU9QlYWrOLXBpQ6KWjbjTDTdDkoohFzgbEY=
bitbucket.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIazEu89wgQZ4bqs3d63QSMzYVa0MuJ2e2gKTKqu+UUO
bitbucket.org ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBPIQmuzMBuKdWeF4+a2sjSSpBK0iqitSQ+5BM9KhpexuGt20JpTVM7u5BDZngncgrqDMbWdxMWWOGtZ9UgbqgZE=' >>/etc/ssh/ssh_known_hosts
chmod 644 /etc/ssh/ssh_known_hosts
#: index
index=0
#: unit
case $index in
  0) own_config='name: "agentctl-aaaa-0"
' ;;
  *) fail "user data has no unit $index" ;;
esac
#: config
common_config='endpoint: "acme.semaphoreci.com"
token: "the-token"
shutdown-hook-path: "/run/agentctl/shutdown-hook"
disconnect-after-job: true
disconnect-after-idle-timeout: 300
'
#: hooks
cat >/run/agentctl/shutdown-hook <<'AGENTCTL_FILE'
printf '%s\n' "$SEMAPHORE_AGENT_SHUTDOWN_REASON" >/run/agentctl/reason
AGENTCTL_FILE
#: supervisor
cat >/run/agentctl/private/supervisor <<'AGENTCTL_FILE'
. /run/agentctl/lib.sh
[ ! -e "$own/proxy.sh" ] || . "$own/proxy.sh"
. "$own/settings"
agent_seconds=300
IFS= read -r -d '' config <"$own/config"
rm -f "$own/config"
token=${config#*token: \"}
token=${token%%\"*}
cd "$home" 2>/dev/null || cd /
unset INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID
masked() {
  if [ -n "$token" ]; then printf '%s' "${1//"$token"/[token]}"; else printf '%s' "$1"; fi
}

registered() {
  : >"$own/registered"
  rm -f "$run/config.yml"
  mark agent-registered
  systemctl stop --no-block agentctl-boot-deadline.timer 2>/dev/null
}

watch_log() {
  local line
  while IFS= read -r line; do
    # Before anything else: the first job may come at once.
    [[ $line != *'Registering Agent'* ]] || rm -f "$run/config.yml"
    printf '%s\n' "$(masked "$line")"
    case $line in
      *'Starting to poll for jobs'*) registered ;;
      *'Regular commands finished with failure'*) : >"$own/job-failed" ;;
      *'Agent shutting down due to: '*) printf '%s\n' "${line##*'due to: '}" >"$own/said" ;;
      *'job not available'* | *quota* | *register*' 429'* | *"can't be registered"*) masked "$line" >"$own/refused" ;;
      *'failed to register agent'*) masked "$line" >"$own/unregistered" ;;
    esac
  done
}

pid=
is_stopping=
is_late=
trap 'is_stopping=1; [ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null' TERM INT
# An agent that has registered in this very moment leaves in good order by SIGTERM.
late() {
  is_late=1
  [ -e "$own/registered" ] || [ -z "$pid" ] || kill "-$1" "$pid" 2>/dev/null
}
trap 'late TERM' USR1
trap 'late KILL' USR2
main=$$
(sleep "$agent_seconds"; kill -USR1 "$main"; sleep 30; kill -USR2 "$main") </dev/null >/dev/null 2>&1 &
timer=$!
watcher_of_spot=
if [ -e "$own/spot" ]; then
  bash "$own/spot" "$main" </dev/null >/dev/null 2>&1 &
  watcher_of_spot=$!
fi

give_config() {
  rm -f "$run/config.yml"
  writer=
  if mkfifo -m 600 "$run/config.yml" 2>/dev/null; then
    chown "$uid:$gid" "$run/config.yml"
    printf '%s' "$config" >"$run/config.yml" &
    writer=$!
  else
    (umask 077; printf '%s' "$config" >"$run/config.yml")
    chown "$uid:$gid" "$run/config.yml"
  fi
}

run_agent() {
  local writer watcher status again
  rm -f "$own/unregistered" "$own/refused" "$own/log"
  give_config
  mkfifo -m 600 "$own/log" 2>/dev/null || python3 -c 'import os, sys; os.mkfifo(sys.argv[1], 0o600)' "$own/log"
  watch_log <"$own/log" &
  watcher=$!
  HOME=$home USER=$user LOGNAME=$user SHELL=/bin/bash SEMAPHORE_AGENT_LOG_FILE_PATH=/var/log/agentctl/agent.log \
    setpriv --reuid="$uid" --regid="$gid" --init-groups \
    "$agent" start --config-file "$run/config.yml" </dev/null >"$own/log" 2>&1 &
  pid=$!
  # Asked to stop before there was anybody to tell.
  [ -z "$is_stopping" ] || kill -TERM "$pid" 2>/dev/null
  mark agent-started
  while :; do
    wait "$pid"
    status=$?
    kill -0 "$pid" 2>/dev/null || break
  done
  # A signal of our own may have ended the wait in the moment the agent did.
  if [ "$status" -gt 128 ]; then
    wait "$pid" 2>/dev/null
    again=$?
    [ "$again" = 127 ] || status=$again
  fi
  pid=
  [ -z "$writer" ] || kill "$writer" 2>/dev/null
  # A job's daemon may hold the log open: what the agent itself wrote is read by now.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 "$watcher" 2>/dev/null || break
    sleep 0.1
  done
  kill "$watcher" 2>/dev/null
  rm -f "$run/config.yml"
  return "$status"
}

first_line() { head -n 1 "$1" 2>/dev/null | LC_ALL=C tr -cd '[:print:]'; }
word() { printf '%s' "$1" | LC_ALL=C tr 'A-Z_' 'a-z-' | LC_ALL=C tr -cd 'a-z-' | cut -c 1-40; }

finish() {
  local reason=$1 detail=$2 cause
  kill "$timer" $watcher_of_spot 2>/dev/null
  cause=$(first_line "$own/stop-cause")
  if [ -n "$cause" ]; then
    detail="${cause#* }; the agent's end: $reason, $detail"
    reason=${cause%% *}
  fi
  [ ! -s "$run/hook-result" ] || detail="$detail; $(first_line "$run/hook-result")"
  case $reason in
    agent-failed | agent-timeout | refused | unable-to-sync) show_log ;;
  esac
  if [ -s "$own/hold" ] && [ -z "$is_stopping" ] && has_failed "$reason"; then
    end_after_hold "$reason" "$(masked "$detail")"
    mark power-off
  else
    mark power-off
    end "$reason" "$(masked "$detail")"
  fi
  exit 0
}

has_failed() {
  [ "$1" = agent-failed ] || [ -e "$own/job-failed" ] || [ "$(first_line "$run/job-result")" = failed ]
}

show_log() {
  tail -n 12 /var/log/agentctl/agent.log 2>/dev/null | while IFS= read -r line; do
    line=$(masked "$line" | LC_ALL=C tr -cd '[:print:]')
    say "log ${line:0:200}"
  done
}

end_of_run() {
  local status=$1 said
  if [ -s "$run/reason" ]; then
    mark agent-ended
    finish "$(word "$(first_line "$run/reason")")" "exit=$status"
  fi
  if [ -s "$own/said" ]; then
    mark agent-ended
    finish "$(word "$(first_line "$own/said")")" "exit=$status; agentctl's own shutdown hook did not run"
  fi
  if [ -e "$own/registered" ]; then finish agent-failed "the agent ended without its hook, exit=$status"; fi
  if [ -n "$is_stopping" ]; then finish interrupted 'asked to stop before it had registered'; fi
  said=$(cat "$own/refused" "$own/was-refused" 2>/dev/null | head -n 1)
  if [ -n "$is_late" ]; then
    if [ -n "$said" ]; then finish refused "$said"; fi
    finish agent-timeout "not registered within $agent_seconds s: $(first_line "$own/unregistered")"
  fi
  if [ -z "$said" ] && [ ! -e "$own/unregistered" ]; then
    finish agent-failed "the agent did not start, exit=$status: $(tail -n 1 /var/log/agentctl/agent.log 2>/dev/null)"
  fi
  if [ -e "$own/refused" ]; then mv "$own/refused" "$own/was-refused"; fi
}

while :; do
  if [ -n "$is_stopping" ]; then finish interrupted 'asked to stop before it had registered'; fi
  run_agent
  end_of_run $?
  mark agent-refused
  sleep $((1 + RANDOM % 5)).$((RANDOM % 10)) &
  wait $!
done
AGENTCTL_FILE
cat >/run/agentctl/private/stop-post <<'AGENTCTL_FILE'
. /run/agentctl/lib.sh
arm forced-power-off on-active=60 systemctl poweroff --force --force
how="result=$SERVICE_RESULT exit=$EXIT_CODE/$EXIT_STATUS"
if [ -e "$own/ended" ]; then
  say "unit $how"
  exit 0
fi
reason=agent-failed
cause=$(head -n 1 "$own/stop-cause" 2>/dev/null)
[ -z "$cause" ] || reason=${cause%% *}
mark power-off
end "$reason" "the supervisor ended: $how; ${cause:+${cause#* }; }the agent's word: $(head -n 1 "$run/reason" 2>/dev/null)"
AGENTCTL_FILE
mkdir -p /run/systemd/system
cat >/run/systemd/system/agentctl-agent.service <<'AGENTCTL_FILE'
[Unit]
Description=Semaphore agent for one job, supervised by agentctl
Wants=network-online.target
After=network-online.target docker.service
SuccessAction=poweroff
FailureAction=poweroff
[Service]
Type=exec
EnvironmentFile=-/etc/environment
ExecStart=/bin/bash /run/agentctl/private/supervisor
ExecStopPost=+/bin/bash /run/agentctl/private/stop-post
Restart=no
KillMode=mixed
TimeoutStopSec=90
OOMPolicy=continue
TasksMax=infinity
AGENTCTL_FILE
#: guard
seal_agent
nft -f - <<'AGENTCTL_EOF' || fail 'nftables does not take the rules that close the metadata service'
table inet agentctl
delete table inet agentctl
table inet agentctl {
  chain output {
    type filter hook output priority 0;
    ip daddr 169.254.169.254 meta skuid != 0 reject
    ip6 daddr fd00:ec2::254 meta skuid != 0 reject
  }
  chain forward {
    type filter hook forward priority -1;
    ip daddr 169.254.169.254 reject
    ip6 daddr fd00:ec2::254 reject
  }
}
AGENTCTL_EOF
scope=/proc/sys/kernel/yama/ptrace_scope
if [ -e "$scope" ] && [ "$(cat "$scope")" = 0 ]; then echo 1 >"$scope"; fi
rm -rf /var/lib/cloud/instances/*/{user-data.txt*,cloud-config.txt,obj.pkl,scripts,boothooks} \
  /var/lib/cloud/seed/*/user-data /run/cloud-init/instance-data-sensitive.json /run/cloud-init/combined-cloud-config.json \
  /var/lib/waagent/{ovf-env.xml,CustomData} 2>/dev/null
left=$(setpriv --reuid="$uid" --regid="$gid" --init-groups find /var/lib/cloud /run/cloud-init /var/lib/waagent -type f -readable \
  \( -name 'user-data*' -o -name 'obj.pkl' -o -name 'part-*' -o -name 'ovf-env.xml' -o -name CustomData \) 2>/dev/null)
[ -z "$left" ] || fail "jobs could read user data: $left"
#: start
mkdir -p /var/log/agentctl
for file in "$run/reason" "$run/hook-result" "$run/job-result" /var/log/agentctl/agent.log; do
  : >"$file"
  chown "$uid:$gid" "$file"
  chmod 600 "$file"
done
{
printf '%s=%q\n' agent "$agent"
printf '%s=%q\n' user "$user"
printf '%s=%q\n' home "$home"
printf '%s=%q\n' uid "$uid"
printf '%s=%q\n' gid "$gid"
} >"$own/settings"
(umask 077; printf '%s' "$common_config$own_config" >"$own/config")
unset common_config own_config
mark set-up
systemctl start --no-block agentctl-agent.service || fail 'the unit of the agent does not start'
is_done=1
