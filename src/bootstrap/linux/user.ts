import { asciiQuoted } from '../shell.ts'
import { pinnedHosts } from './known-hosts.ts'
import type { LinuxBootstrap } from './types.ts'

/** bash for the login that agent and jobs run as: made where it is missing, and never root, whom no guard holds. */
export function makeUser({ user, sudo }: Pick<LinuxBootstrap, 'user' | 'sudo'>): string {
  const lines = [
    `user=${asciiQuoted(user)}`,
    'id "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$user" || fail "cannot make the user $user"',
    'uid=$(id -u "$user") gid=$(id -g "$user")',
    '[ "$uid" != 0 ] || fail "the user of the agent is root"',
    'home=$(getent passwd "$user" | cut -d : -f 6)',
  ]
  return [...lines, ...(sudo ? [sudoRule('ALL=(ALL) NOPASSWD: ALL', 'jobs')] : [])].join('\n')
}

export function sudoRule(rule: string, name: string): string {
  return `printf '%s %s\\n' "$user" ${asciiQuoted(rule)} >/etc/sudoers.d/agentctl-${name}
chmod 440 /etc/sudoers.d/agentctl-${name}`
}

/** bash; the file is the machine's, so it holds for every user, root's Git in a `before` script included. */
export function writeKnownHosts(lines: readonly string[] = pinnedHosts): string {
  return `mkdir -p /etc/ssh
printf '%s\\n' ${asciiQuoted(lines.join('\n'))} >>/etc/ssh/ssh_known_hosts
chmod 644 /etc/ssh/ssh_known_hosts`
}
