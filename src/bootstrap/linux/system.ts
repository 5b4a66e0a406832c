import { Buffer } from 'node:buffer'
import { asciiQuoted, commandLine } from '../shell.ts'
import type { GuestFile, GuestProxy, LinuxBootstrap } from './types.ts'

/** What updates packages by itself on Debian, Ubuntu and Amazon Linux, and would hold locks under a job. */
const packageTimers = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'apt-daily.service',
  'apt-daily-upgrade.service',
  'unattended-upgrades.service',
  'dnf-makecache.timer',
  'dnf-automatic.timer',
  'packagekit.service',
]

/** bash. */
export const maskPackageTimers = `systemctl mask --now --quiet ${packageTimers.join(' ')} 2>/dev/null`

/** bash that sets the proxy for the guest itself, the agent and its jobs; both spellings, as programs differ. */
export function setProxy(proxy: GuestProxy | undefined): string {
  if (!proxy) return ''
  const except = ['localhost', '127.0.0.1', '169.254.169.254', 'metadata.google.internal', ...proxy.except]
  const pairs = [
    ['http_proxy', proxy.url],
    ['https_proxy', proxy.url],
    ['no_proxy', except.join(',')],
  ] as const
  const exports = pairs.flatMap(([name, value]) =>
    [name, name.toUpperCase()].map(variable => `export ${variable}=${asciiQuoted(value)}`),
  )
  return `printf '%s\\n' ${asciiQuoted(exports.join('\n'))} >"$own/proxy.sh"
. "$own/proxy.sh"`
}

/** bash; the two families keep their anchors in different places. */
export function trustCertificates(pem: string | undefined): string {
  if (pem === undefined) return ''
  return `if command -v update-ca-certificates >/dev/null; then
  anchor=/usr/local/share/ca-certificates/agentctl.crt update=update-ca-certificates
else
  anchor=/etc/pki/ca-trust/source/anchors/agentctl.pem update=update-ca-trust
fi
mkdir -p "\${anchor%/*}"
printf '%s\\n' ${asciiQuoted(pem.trim())} >"$anchor"
"$update" >/dev/null 2>&1 || fail "$update ended with $?"`
}

/** bash; contents that a shell's word cannot hold travel as base64. */
export function writeFiles(files: readonly GuestFile[] = []): string {
  return files
    .map(({ path, content, mode, owner = 'root' }) => {
      const target = asciiQuoted(path)
      const source =
        typeof content === 'string' && !content.includes('\0')
          ? `printf '%s' ${asciiQuoted(content)}`
          : `base64 -d <<<${Buffer.from(content).toString('base64')}`
      return `mkdir -p "$(dirname ${target})" && ${source} >${target} && chown ${asciiQuoted(`${owner}:`)} ${target} && chmod ${asciiQuoted(mode)} ${target} || fail ${asciiQuoted(`cannot write ${path}`)}`
    })
    .join('\n')
}

/** bash; an own lock's owner is waited for, since images update themselves while they boot. */
export function installPackages({
  packages = [],
  docker,
}: Pick<LinuxBootstrap, 'packages' | 'docker'>): string {
  if (packages.length === 0 && !docker) return ''
  const wanted = packages.length === 0 ? '' : `install_packages ${commandLine(packages)}`
  return `install_packages() {
  local attempt log=/var/log/agentctl-packages.log
  for attempt in 1 2; do
    [ "$attempt" = 1 ] || sleep 5
    if command -v apt-get >/dev/null; then
      { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -- "$@"; } >>"$log" 2>&1 && return 0
    else
      dnf install -y -q -- "$@" >>"$log" 2>&1 && return 0
    fi
  done
  fail "cannot install $*: $(tail -n 1 "$log")"
}
${[wanted, docker ? setUpDocker : ''].filter(Boolean).join('\n')}`
}

const setUpDocker = `if ! command -v dockerd >/dev/null; then
  if command -v apt-get >/dev/null; then install_packages docker.io; else install_packages docker; fi
fi
systemctl enable --now --quiet docker.service || fail 'Docker does not start'
usermod -aG docker "$user" || fail "cannot give Docker to $user"`

/** bash for a script of the user's own, as root. */
export function ownScript(name: 'before' | 'after', script: string | undefined): string {
  if (script === undefined) return ''
  return `printf '%s\\n' ${asciiQuoted(script)} >"$own/${name}"
bash "$own/${name}" || fail "the ${name} script ended with $?"`
}
