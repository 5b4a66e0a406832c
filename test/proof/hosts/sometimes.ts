const each = (prefix: string, names: readonly string[]) => names.map(name => `${prefix} ${name}`)
const calls = ['beat', 'take', 'commit', 'grant', 'load', 'recall', 'release', 'admit'] as const

const always = [
  ...each('cloud', ['token', 'name', 'name, billed when off', 'tag look-up']),
  ...each('binding', ['job', 'queue']),
  ...each('commit', ['refused', 'reply-lost', 'late', 'slow', 'while it was away']),
  ...each('beat', ['refused', 'reply-lost', 'while cut off', 'while it was away']),
  ...each('grant', ['refused', 'reply-lost']),
  ...['a work was taken from a silent host', 'changes of who had lost the work were refused'],
  ...['a work that its host did not know of was given up', 'a launch id was repeated by another host'],
  ...['a host lost a work', 'a host heard what it had lost', 'a host could not start', 'a host drained'],
  ...['a host held several works', 'a clock minutes wrong', 'a beat failed'],
  ...each('launch', ['answer-lost', 'stock-out', 'duplicate', 'short', 'slow', 'throttled']),
  ...['hub outage', 'hub refusals', 'reclaim active', 'boot-failure', 'break'],
  ...each('job', ['finished', 'cancelled', 'broken']),
]

const rare = [
  ...calls.flatMap(call =>
    each(call, ['refused', 'reply-lost', 'slow', 'while cut off', 'while it was away']),
  ),
  ...calls.flatMap(call => each('kill-at', [`before-send ${call}`, `accepted ${call}`, `answered ${call}`])),
  ...calls.flatMap(call =>
    each('suspend-at', [`before-send ${call}`, `accepted ${call}`, `answered ${call}`]),
  ),
  ...(['kill-at', 'suspend-at'] as const).flatMap(kind =>
    (['launch', 'list', 'terminate'] as const).flatMap(call =>
      each(kind, [`before-send ${call}`, `accepted ${call}`]),
    ),
  ),
  ...each('kill-at', ['answered launch', 'answered list']),
  ...each('suspend-at', ['answered launch', 'answered list']),
  ...each('launch', ['late', 'hang', 'half-made', 'quota']),
  ...['wedged', 'undeletable', 'silent', 'hub stale', 'hub lost-type', 'clock jump'],
]

/** What a campaign of some dozen stories reaches for sure; one that does not proves less than it says. */
export const shortHostSometimes: readonly string[] = always
/** What one of a thousand stories has to reach. */
export const hostSometimes: readonly string[] = [...new Set([...always, ...rare])]
