import type { Cloud } from '@agentctl/contract'

/** Azure's host also answers here: extensions' settings and certificates; port 53 is the machine's DNS. */
const azureHost = '168.63.129.16'

/**
 * nftables: the metadata service for root alone, in OUTPUT, and for no container, in FORWARD.
 * Sources: addresses from the vendors' pages on instance metadata, 2026-11. A packet without a socket has no `skuid`
 * and passes OUTPUT: those are the kernel's own answers.
 */
function rules(cloud: Cloud | undefined): string {
  const { closed, verdict } = cloud === 'gce' ? onGce : elsewhere(cloud)
  return `table inet agentctl
delete table inet agentctl
table inet agentctl {
  chain output {
    type filter hook output priority 0;
${closed.map(what => `    ${what} meta skuid != 0 ${verdict}`).join('\n')}
  }
  chain forward {
    type filter hook forward priority -1;
${closed.map(what => `    ${what} ${verdict}`).join('\n')}
  }
}`
}

/**
 * GCE's metadata server is the machine's DNS and NTP server too, so only its web ports are closed; and it is opened
 * again soon: a dropped connection is tried again by the kernel, and then comes through.
 */
const onGce = {
  closed: [
    'ip daddr 169.254.169.254 tcp dport { 80, 443, 8080 }',
    'ip6 daddr fd20:ce::254 tcp dport { 80, 443, 8080 }',
  ],
  verdict: 'drop',
}

function elsewhere(cloud: Cloud | undefined) {
  const azure = `ip daddr ${azureHost} meta l4proto { tcp, udp } th dport != 53`
  const closed = [
    'ip daddr 169.254.169.254',
    'ip6 daddr fd00:ec2::254',
    ...(cloud === 'azure' ? [azure] : []),
  ]
  return { closed, verdict: 'reject' }
}

/**
 * bash: on GCE the controller takes the user data out of the metadata; from then on the service holds no secret, and
 * jobs have their service account's token from it. A service that does not answer is no service without user data.
 */
const openWhenGuarded = `cat >"$own/open-metadata" <<'AGENTCTL_EOF'
. /run/agentctl/lib.sh
. /run/agentctl/http.sh
base=http://169.254.169.254/computeMetadata/v1/instance/attributes/
until keys=$(http GET "$base" - 'Metadata-Flavor: Google' 2>/dev/null) && [[ $'\\n'$keys$'\\n' != *$'\\n'user-data$'\\n'* ]]; do
  sleep 2
done
nft delete table inet agentctl
say 'the metadata service is open to jobs: the user data is gone from it'
AGENTCTL_EOF
systemd-run --quiet --no-block --unit=agentctl-open-metadata /bin/bash "$own/open-metadata" ||
  fail 'what opens the metadata service does not start'`

/**
 * bash, before the agent starts: takes the bootstrap data away from jobs. What cloud-init and Azure's agent keep of
 * the user data goes, and then it is tried whether the agent's user can still read some.
 */
export function closeGuard(metadata: 'guarded' | 'open', cloud: Cloud | undefined): string {
  const firewall =
    metadata === 'open'
      ? `say 'the metadata service is open to jobs, and user data with it'`
      : `nft -f - <<'AGENTCTL_EOF' || fail 'nftables does not take the rules that close the metadata service'
${rules(cloud)}
AGENTCTL_EOF`
  const opening = cloud === 'gce' && metadata === 'guarded' ? `\n${openWhenGuarded}` : ''
  return `${firewall}${opening}
scope=/proc/sys/kernel/yama/ptrace_scope
if [ -e "$scope" ] && [ "$(cat "$scope")" = 0 ]; then echo 1 >"$scope"; fi
rm -rf /var/lib/cloud/instances/*/{user-data.txt*,cloud-config.txt,obj.pkl,scripts,boothooks} \\
  /var/lib/cloud/seed/*/user-data /run/cloud-init/instance-data-sensitive.json /run/cloud-init/combined-cloud-config.json \\
  /var/lib/waagent/{ovf-env.xml,CustomData} 2>/dev/null
left=$(setpriv --reuid="$uid" --regid="$gid" --init-groups find /var/lib/cloud /run/cloud-init /var/lib/waagent -type f -readable \\
  \\( -name 'user-data*' -o -name 'obj.pkl' -o -name 'part-*' -o -name 'ovf-env.xml' -o -name CustomData \\) 2>/dev/null)
[ -z "$left" ] || fail "jobs could read user data: $left"`
}
