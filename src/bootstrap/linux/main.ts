import { downloadLibrary } from './download.ts'
import { closeGuard } from './guard.ts'
import { postJobHook, shutdownHook } from './hook.ts'
import { httpLibrary } from './http.ts'
import { chooseUnit, findIndex } from './identity.ts'
import { installAgent, installToolbox } from './install.ts'
import { places, seconds } from './places.ts'
import { checkRequirements } from './requirements.ts'
import { offerRoleCredentials } from './role-credentials.ts'
import { spotWatcher } from './spot.ts'
import { settings, supervisor } from './supervisor.ts'
import {
  installPackages,
  maskPackageTimers,
  ownScript,
  setProxy,
  trustCertificates,
  writeFiles,
} from './system.ts'
import { commonConfig } from './token.ts'
import type { LinuxBootstrap } from './types.ts'
import { agentUnit, stopPost } from './unit.ts'
import { makeUser, writeKnownHosts } from './user.ts'

/** Repeats of a download unless given. */
const downloadsDefault = { attempts: 5, pauseMs: 2000 }

/**
 * bash, run by cloud-init in its last stage: sets the machine up and starts the unit. It ends the boot with the cause
 * on the console at the first thing that fails; should it end in any other way, the trap does.
 */
export function mainScript(bootstrap: LinuxBootstrap, stopSeconds: number): string {
  const { metadata, cloud, agent, toolbox, hold } = bootstrap
  const steps: readonly Step[] = [
    ['package-timers', maskPackageTimers],
    ['user', makeUser(bootstrap)],
    ['files', writeFiles(bootstrap.files)],
    ['proxy', setProxy(bootstrap.proxy)],
    ['certificates', trustCertificates(bootstrap.ca)],
    ['http', library('http.sh', httpLibrary)],
    ['downloads', downloadLibrary(bootstrap.downloads ?? downloadsDefault)],
    ['before', ownScript('before', bootstrap.before)],
    ['packages', installPackages(bootstrap)],
    ['requirements', checkRequirements(bootstrap, 'late')],
    ['agent', `${installAgent(agent)}\ninstall_agent`],
    ['toolbox', `${installToolbox(toolbox)}\ninstall_toolbox`],
    ['known-hosts', writeKnownHosts(bootstrap.knownHosts)],
    ['index', findIndex(bootstrap.identity)],
    ['unit', chooseUnit(bootstrap.units)],
    ['config', commonConfig(bootstrap)],
    ['role-credentials', offerRoleCredentials(bootstrap.roleCredentials)],
    ['hooks', writeHooks(bootstrap)],
    ['supervisor', writeSupervisor(bootstrap, stopSeconds)],
    ['after', ownScript('after', bootstrap.after)],
    ['guard', `seal_agent\n${closeGuard(metadata, cloud)}`],
    ['start', start],
  ]
  return `#!/bin/bash
umask 022
. /run/agentctl/lib.sh
is_done=
trap '[ -n "$is_done" ] || [ -e "$own/ended" ] || fail "the set-up ended early"' EXIT
mark booted${hold ? `\nprintf '%s\\n' ${seconds(hold.forMs)} >"$own/hold"` : ''}
cd /
${steps.flatMap(rendered).join('\n')}
`
}

/** Under its name, so that a reader finds his way in what `agent bootstrap` prints. Without a text there is no step. */
type Step = readonly [name: string, text: string]

function rendered([name, text]: Step): readonly string[] {
  return text === '' ? [] : [`#: ${name}`, text]
}

function library(name: string, text: string): string {
  return `${written(`/run/agentctl/${name}`, text)}
. /run/agentctl/${name}`
}

/** bash that writes a file with this text, which may hold any line. */
function written(path: string, text: string): string {
  const lines = text.endsWith('\n') ? text : `${text}\n`
  let mark = 'AGENTCTL_FILE'
  while (lines.includes(mark)) mark += '_'
  return `cat >${path} <<'${mark}'\n${lines}${mark}`
}

function writeHooks(bootstrap: LinuxBootstrap): string {
  const { hold, basis } = bootstrap
  return [
    written(places.shutdownHook, shutdownHook(bootstrap)),
    ...(hold ? [written(places.postJobHook, postJobHook(basis.agent['post-job-hook-path']))] : []),
  ].join('\n')
}

function writeSupervisor(bootstrap: LinuxBootstrap, stopSeconds: number): string {
  const spot = spotWatcher(bootstrap)
  return [
    ...(spot === undefined ? [] : [written(`${places.own}/spot`, spot)]),
    written(`${places.own}/supervisor`, supervisor(bootstrap)),
    written(`${places.own}/stop-post`, stopPost),
    'mkdir -p /run/systemd/system',
    written(places.unit, agentUnit(stopSeconds)),
  ].join('\n')
}

/** The agent's user may write the reason, the hook's result and the job's result, and its own log. */
const start = `mkdir -p /var/log/agentctl
for file in "$run/reason" "$run/hook-result" "$run/job-result" /var/log/agentctl/agent.log; do
  : >"$file"
  chown "$uid:$gid" "$file"
  chmod 600 "$file"
done
{
${settings}
} >"$own/settings"
(umask 077; printf '%s' "$common_config$own_config" >"$own/config")
unset common_config own_config
mark set-up
systemctl start --no-block agentctl-agent.service || fail 'the unit of the agent does not start'
is_done=1`
