const operations = ['launch', 'list', 'describe', 'terminate', 'console'] as const
const each = (prefix: string, names: readonly string[]) => names.map(name => `${prefix} ${name}`)

const always = [
  ...each('cloud', ['token', 'name', 'name, billed when off', 'tag look-up']),
  ...each('launch', [
    'throttled',
    'server-error',
    'request-lost',
    'answer-lost',
    'stock-out',
    'duplicate',
    'hang',
    'short',
    'half-made',
    'slow',
  ]),
  ...each('list', ['throttled', 'server-error', 'request-lost', 'slow', 'partial', 'hang']),
  ...each('terminate', ['throttled', 'server-error', 'request-lost', 'answer-lost', 'duplicate', 'slow']),
  ...['reclaim', 'break', 'boot-failure', 'silent', 'leftover disk', 'leftover interface'],
  ...each('code', ['capacity-unavailable', 'outcome-unknown', 'rate-limited', 'unavailable']),
  ...each('job', ['finished', 'cancelled', 'broken']),
  ...each('death before', ['save', 'saveSlots']),
  ...each('death after', ['save', 'saveSlots']),
  ...['death before-send list', 'death accepted list', 'death answered list'],
  ...['hub outage', 'hub refusals', 'clock jump', 'journal lost', 'two hosts', 'two controllers'],
]

const rare = [
  ...each('launch', ['late', 'quota']),
  'terminate hang',
  ...each('describe', ['throttled', 'server-error', 'request-lost', 'slow', 'not-found']),
  ...each('console', ['throttled', 'server-error', 'request-lost', 'slow']),
  ...['wedged', 'undeletable', 'leftover address', 'leftover spot-request'],
  ...each('code', ['quota-exceeded', 'cancelled', 'conflict', 'launch-spent']),
  ...['before-send', 'accepted', 'answered'].flatMap(boundary => each(`death ${boundary}`, operations)),
  ...[
    'saveStockOut',
    'saveBreaker',
    'saveHubLimit',
    'saveSightings',
    'saveAcquaintance',
    'saveSweptAt',
  ].flatMap(write => [`death before ${write}`, `death after ${write}`]),
]

/** What a campaign of some hundred stories reaches for sure; one that does not proves less than it says. */
export const shortSometimes: readonly string[] = always
/** What one of some thousand stories has to reach. */
export const sometimes: readonly string[] = [...always, ...rare]
