import { asciiQuoted } from '../shell.ts'
import type { LinuxBootstrap } from './types.ts'
import { sudoRule } from './user.ts'

const program = '/usr/local/sbin/agentctl-role-credentials'

/**
 * bash: the AWS profile that gives jobs the instance role's credentials while user data stays closed. A script of
 * root's, the only thing that sudo allows for it, asks the metadata service.
 * Sources: AWS SDK guide "Process credential provider", EC2 user guide "Retrieve security credentials", 2026-11.
 */
export function offerRoleCredentials(wanted: LinuxBootstrap['roleCredentials']): string {
  if (!wanted) return ''
  const profile = `[profile ${wanted.profile}]\nregion = ${wanted.region}\ncredential_process = sudo -n ${program}`
  return `cat >${program} <<'AGENTCTL_EOF'
#!/bin/bash
. /run/agentctl/http.sh
metadata=http://169.254.169.254/latest
session=$(http PUT "$metadata/api/token" - 'X-aws-ec2-metadata-token-ttl-seconds: 60') || exit 1
ask() { http GET "$metadata/meta-data/iam/security-credentials/$1" - "X-aws-ec2-metadata-token: $session"; }
role=$(ask '') && answer=$(ask "\${role%%[[:space:]]*}") || exit 1
field() { sed -n "s/.*\\"$1\\" *: *\\"\\([^\\"]*\\)\\".*/\\1/p" <<<"$answer"; }
printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"%s","SessionToken":"%s","Expiration":"%s"}\\n' \\
  "$(field AccessKeyId)" "$(field SecretAccessKey)" "$(field Token)" "$(field Expiration)"
AGENTCTL_EOF
chmod 755 ${program}
${sudoRule(`ALL=(root) NOPASSWD: ${program} ""`, 'role-credentials')}
mkdir -p "$home/.aws"
printf '%s\\n' ${asciiQuoted(profile)} >>"$home/.aws/config"
chown -R "$user:" "$home/.aws"`
}
