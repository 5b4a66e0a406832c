import { type ErrorCode, errorCodes } from '@agentctl/contract'
import { exitCodes } from '../../../src/errors/index.ts'
import { code, markdownTable } from './markdown.ts'

interface Words {
  readonly means: string
  readonly does: string
  readonly you: string
}

/** For each code: what it says, what agentctl does by itself, and what is left to do. */
const words: Readonly<Record<ErrorCode, Words>> = {
  'invalid-spec': {
    means: 'A flag, a variable or the file is wrong. Every problem is listed, with its place.',
    does: 'Stops before any call.',
    you: 'Mend what is listed; `agentctl config validate` says whether it is.',
  },
  unsupported: {
    means: 'The provider, or the image, cannot do what the pool asks for.',
    does: 'Stops before any call.',
    you: '`agentctl providers show PROVIDER` says what it can.',
  },
  'provider-not-installed': {
    means: 'A pool names a provider whose plugin is not there.',
    does: 'Prints the command that installs it.',
    you: 'Run that command.',
  },
  unauthenticated: {
    means:
      'A token or the credentials of a cloud are missing, wrong or over. A hub that answers 404 says so too.',
    does: 'Stops that pool or type.',
    you: '`agentctl doctor` names which one. Registration tokens are per agent type, and end with a reset.',
  },
  'permission-denied': {
    means: 'The credentials are good, and lack a right.',
    does: 'Stops that pool.',
    you: '`agentctl providers policy PROVIDER` prints all rights that your file needs.',
  },
  'quota-exceeded': {
    means: 'The account, or the organization at Semaphore, has no more to give.',
    does: 'Waits for a free place; the jobs go to the next pool of their type.',
    you: 'Ask for more, or set `capacity.max` to what there is.',
  },
  'capacity-unavailable': {
    means: 'The cloud has no such machine right now.',
    does: 'Takes the next of `types`, zones and `market`, then the next pool; comes back after 3 to 15 minutes.',
    you: 'Give the pool more types, zones, or `market: [spot, on-demand]`.',
  },
  'rate-limited': {
    means: 'Too many calls.',
    does: 'Makes the same call again, when the cloud says.',
    you: 'Nothing; if it stays, see who else calls from that account.',
  },
  unavailable: {
    means: 'The hub or the cloud does not answer, or answers with an error of its own.',
    does: 'Tries again, more and more slowly. Ends nothing for it.',
    you: 'See whether the address is reached from this host: `agentctl doctor`.',
  },
  'outcome-unknown': {
    means: 'A call may have been accepted, and no answer came.',
    does: 'Repeats it under the same name until it is known. No second machine comes of it.',
    you: 'Nothing.',
  },
  'launch-spent': {
    means: 'The machines of that launch have ended already.',
    does: 'Makes the next attempt.',
    you: 'Nothing.',
  },
  conflict: {
    means: 'Something else of that name is there.',
    does: 'Looks, and takes it over or makes the next attempt.',
    you: 'If it stays: two installations have one `owner`.',
  },
  'boot-failed': {
    means: 'A machine did not boot.',
    does: 'Keeps the end of its console, ends it, and tries again as often as `attempts` says.',
    you: 'Read the console that it printed: `agentctl instances console ID`.',
  },
  'agent-timeout': {
    means: 'It booted, and its agent did not register in time.',
    does: 'The same.',
    you: 'The console says what the agent said. Most often: no way to the endpoint, or a wrong token.',
  },
  'cleanup-incomplete': {
    means: 'Something is left that should be gone.',
    does: 'Prints what; every later look tries again.',
    you: '`agentctl reap`, then `agentctl instances list`.',
  },
  'not-owned': {
    means: "A resource in the way has no tag of this installation's owner.",
    does: 'Touches nothing.',
    you: 'Look whose it is. Another `owner`, or another name, keeps them apart.',
  },
  internal: {
    means: 'A bug of agentctl.',
    does: 'Stops.',
    you: 'Run it again with `--verbose`, and report what it prints.',
  },
  cancelled: {
    means: 'Ctrl-C, or SIGTERM (then the exit code is 143).',
    does: 'Ends what has no agent yet, leaves running jobs alone, prints them.',
    you: '`agentctl instances list` shows what goes on.',
  },
}

export function errorsTable(): string {
  return markdownTable(
    ['code', 'exit', 'means', 'agentctl', 'you'],
    errorCodes.map(name => {
      const { means, does, you } = words[name]
      return [code(name), String(exitCodes[name]), means, does, you]
    }),
  )
}
