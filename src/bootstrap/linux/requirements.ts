import type { LinuxBootstrap } from './types.ts'

/** Commands that the image must have, with the package of Debian that brings each. */
const always = [
  ['bash', 'bash'],
  ['systemctl', 'systemd'],
  ['systemd-run', 'systemd'],
  ['setpriv', 'util-linux'],
  ['timeout', 'coreutils'],
  ['sha256sum', 'coreutils'],
  ['mkfifo', 'coreutils'],
  ['tar', 'tar'],
  ['gzip', 'gzip'],
  ['useradd', 'passwd'],
  ['getent', 'libc-bin'],
] as const

/** These may also come by `packages:`. */
const installable = [['git', 'git']] as const
const guarding = [['nft', 'nftables']] as const
const escalating = [['sudo', 'sudo']] as const

/**
 * POSIX sh that ends the boot when a required command is missing, all of them named. It runs in the boothook, and
 * again after `packages:` where the pool installs some.
 */
export function checkRequirements(
  bootstrap: Pick<LinuxBootstrap, 'metadata' | 'packages' | 'sudo' | 'roleCredentials'>,
  when: 'early' | 'late',
): string {
  const { metadata, packages = [], sudo, roleCredentials } = bootstrap
  const later = [
    ...installable,
    ...(metadata === 'guarded' ? guarding : []),
    ...(sudo || roleCredentials ? escalating : []),
  ]
  const now = when === 'early' ? [...always, ...(packages.length === 0 ? later : [])] : later
  return `lacking=
need() { command -v "$1" >/dev/null 2>&1 || lacking="$lacking $1 (package $2)"; }
${now.map(([command, from]) => `need ${command} ${from}`).join('\n')}
command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1 || need python3 'curl, wget or python3'
[ -z "$lacking" ] || fail "the image lacks$lacking"`
}
