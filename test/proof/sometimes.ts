const operations = ['launch', 'list', 'describe', 'terminate', 'console', 'mark'] as const
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
  ...['reclaim active', 'reclaim provisioning', 'break', 'boot-failure', 'silent'],
  ...['leftover disk', 'leftover interface', 'list lagging', 'delete that takes minutes', 'no room: stock'],
  ...each('phase', [
    ...[
      'new > launching',
      'launching > booting',
      'launching > gone',
      'booting > online',
      'booting > draining',
    ],
    ...['booting > terminating', 'online > draining', 'draining > terminating', 'terminating > gone'],
  ]),
  ...each('end', ['job-finished', 'launch-failed', 'spot-reclaimed', 'unknown', 'lost', 'not-needed']),
  ...each('code', ['capacity-unavailable', 'outcome-unknown', 'rate-limited', 'unavailable']),
  ...each('job', ['finished', 'cancelled', 'broken']),
  ...each('death before', ['save', 'saveSlots']),
  ...each('death after', ['save', 'saveSlots']),
  ...['death before-send list', 'death accepted list', 'death answered list'],
  ...['hub outage', 'hub refusals', 'clock jump', 'journal lost', 'two hosts', 'two controllers'],
  ...['job taken by another agent', 'write of the journal failed', 'fewer machines than before'],
  ...['another spec than before', 'another token than before', 'token fetched by a signed URL'],
  'two controllers, one of them cancelled',
]

const rare = [
  ...each('launch', ['late', 'quota']),
  'terminate hang',
  ...each('describe', ['throttled', 'server-error', 'request-lost', 'slow', 'not-found']),
  ...each('console', ['throttled', 'server-error', 'request-lost', 'slow']),
  ...each('mark', ['throttled', 'server-error', 'request-lost', 'slow']),
  ...['wedged', 'undeletable', 'leftover address', 'leftover spot-request', 'clock set back'],
  ...[
    'disk full',
    'hub lost-type',
    'hub stale',
    'launch beyond its rate',
    'no room: quota shared with strangers',
  ],
  ...each('registration', ['reply lost', 'twice', 'once more']),
  ...each('list', ['access-denied', 'bad-credentials']),
  ...each('phase', ['online > terminating', 'online > gone', 'draining > gone', 'booting > gone']),
  ...each('end', ['boot-timeout', 'agent-timeout', 'expired', 'idle', 'cancelled']),
  ...each('code', [
    ...['quota-exceeded', 'cancelled', 'conflict', 'launch-spent'],
    ...['unauthenticated', 'permission-denied'],
  ]),
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
