import { asciiQuoted } from '../shell.ts'
import { seconds } from './places.ts'
import type { LinuxBootstrap } from './types.ts'

/** Longest run of the user's own shutdown hook unless given; the agent itself would wait for ever. */
const hookTimeoutMs = 60_000

/**
 * bash, run by the agent as its own user, so it needs no rights: the reason first, in case that the user's hook ends
 * the machine itself, then that hook, bounded.
 * Source: agent pkg/listener/job_processor.go executeShutdownHook, v2.4.0, 2026-02.
 */
export function shutdownHook({ shutdownHook: own }: Pick<LinuxBootstrap, 'shutdownHook'>): string {
  const head = `printf '%s\\n' "$SEMAPHORE_AGENT_SHUTDOWN_REASON" >/run/agentctl/reason\n`
  if (!own) return head
  const limit = seconds(own.timeoutMs ?? hookTimeoutMs)
  return `${head}hook=${asciiQuoted(own.path)}
timeout --kill-after=5 ${limit} bash "$hook"
status=$?
case $status in
  0) exit 0 ;;
  124 | 137) said="hung and was ended after ${limit} s" ;;
  *) said="failed with $status" ;;
esac
[ -e "$hook" ] || said='is not there'
printf 'the shutdown hook %s %s\\n' "$hook" "$said" >/run/agentctl/hook-result
exit "$status"
`
}

/** bash, run at the job's end in its own shell: records the result for a hold, then runs the user's own hook. */
export function postJobHook(path: string | undefined): string {
  const own = path === undefined ? '' : `exec bash ${asciiQuoted(path)}\n`
  return `printf '%s\\n' "$SEMAPHORE_JOB_RESULT" >/run/agentctl/job-result\n${own}`
}
