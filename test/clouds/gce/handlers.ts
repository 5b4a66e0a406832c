import { type Answer, invalid, notFound, ok, Refusal } from './answers.ts'
import {
  assertFingerprint,
  begin,
  type Change,
  type Cloud,
  fingerprintOf,
  instanceUrl,
  keyOf,
  type Machine,
  machineAt,
  regionUrl,
} from './cloud.ts'
import { assertLabels, type InsertFault, insert } from './insert.ts'
import { project } from './inventory.ts'
import { remove } from './lifecycle.ts'
import { aggregated, page } from './pages.ts'
import { readings } from './readings.ts'
import type { Instance, Metadata, Operation } from './types.ts'

/** One request, taken apart. */
export interface Ask {
  readonly cloud: Cloud
  /** What the path names. */
  readonly at: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
  /** Takes the fault that the next insert is to meet. */
  readonly takeInsertFault: () => InsertFault | undefined
}
export type Handler = (ask: Ask) => Answer | Promise<Answer>

/** Two changes were let in with one fingerprint: the later one fails inside its operation. */
const overtaken = { code: 'CONDITION_NOT_MET', message: 'Supplied fingerprint does not match.' }
const consoleMax = 1_048_576

function part(at: Ask['at'], name: string): string {
  return at[name] ?? ''
}

/** A request id that was used before answers with the operation that it began, whatever the request says now. */
function once({ cloud, query }: Ask, run: (requestId: string | undefined) => Operation): Answer {
  const requestId = query.get('requestId') ?? undefined
  if (requestId && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(requestId)) {
    throw invalid(`Invalid value for field 'requestId': '${requestId}'.`)
  }
  const before = requestId && cloud.operations.get(cloud.requests.get(requestId) ?? '')
  return ok(before || run(requestId))
}

function change(cloud: Cloud, { zone, instance }: Machine, type: string, effect: Change['effect']): Answer {
  const operation = begin(cloud, {
    type,
    zone,
    targetLink: instanceUrl(zone, instance.name),
    targetId: instance.id ?? '',
    ms: cloud.knobs.changeMs,
    effect,
  })
  return ok(operation)
}

const instances: Readonly<Record<string, Handler>> = {
  'POST zones/:zone/instances': ask =>
    once(ask, requestId =>
      insert(ask.cloud, part(ask.at, 'zone'), ask.body as Instance, requestId, ask.takeInsertFault()),
    ),
  'GET zones/:zone/instances/:name': ({ cloud, at }) =>
    ok(machineAt(cloud, part(at, 'zone'), part(at, 'name')).instance),
  'GET zones/:zone/instances': ({ cloud, at, query }) => {
    const here = [...cloud.machines.values()].filter(({ zone }) => zone === at.zone)
    return page(
      cloud,
      query,
      here.map(({ instance }) => instance),
    )
  },
  'GET aggregated/instances': ({ cloud, query }) =>
    aggregated(
      cloud,
      query,
      'instances',
      [...cloud.machines.values()].map(({ zone, instance }) => ({ place: zone, item: instance })),
    ),
  'DELETE zones/:zone/instances/:name': ask => {
    const { cloud, at } = ask
    return once(ask, requestId => {
      const machine = machineAt(cloud, part(at, 'zone'), part(at, 'name'))
      if (machine.isDeleting) {
        throw new Refusal(400, 'resourceNotReady', `The resource '${machine.instance.name}' is not ready`)
      }
      return remove(cloud, machine, 'delete', requestId)
    })
  },
  'POST zones/:zone/instances/:name/setMetadata': ({ cloud, at, body }) => {
    const machine = machineAt(cloud, part(at, 'zone'), part(at, 'name'))
    const { fingerprint, items = [] } = body as Metadata
    assertFingerprint(fingerprint, machine.instance.metadata?.fingerprint)
    return change(cloud, machine, 'setMetadata', () => {
      if (fingerprint !== machine.instance.metadata?.fingerprint) return overtaken
      machine.instance.metadata = { fingerprint: fingerprintOf([items, cloud.nextId()]), items }
      return undefined
    })
  },
  'POST zones/:zone/instances/:name/setLabels': ({ cloud, at, body }) => {
    const machine = machineAt(cloud, part(at, 'zone'), part(at, 'name'))
    const { labelFingerprint, labels = {} } = body as Pick<Instance, 'labels' | 'labelFingerprint'>
    assertLabels(labels)
    assertFingerprint(labelFingerprint, machine.instance.labelFingerprint)
    return change(cloud, machine, 'setLabels', () => {
      if (labelFingerprint !== machine.instance.labelFingerprint) return overtaken
      Object.assign(machine.instance, { labels, labelFingerprint: fingerprintOf([labels, cloud.nextId()]) })
      return undefined
    })
  },
  'GET zones/:zone/instances/:name/serialPort': ({ cloud, at, query }) => {
    const { console, instance } = machineAt(cloud, part(at, 'zone'), part(at, 'name'))
    const bytes = Buffer.from(console)
    const asked = Number(query.get('start') ?? 0)
    const start = asked < 0 ? Math.max(0, bytes.length + asked) : asked
    const contents = bytes.subarray(start, start + consoleMax).toString()
    return ok({
      kind: 'compute#serialPortOutput',
      selfLink: `${instance.selfLink}/serialPort`,
      contents,
      start: String(start),
      next: String(bytes.length),
    })
  },
}

const disks: Readonly<Record<string, Handler>> = {
  'GET aggregated/disks': ({ cloud, query }) =>
    aggregated(
      cloud,
      query,
      'disks',
      [...cloud.disks.values()].map(disk => ({ place: disk.zone.split('/').at(-1) ?? '', item: disk })),
    ),
  'GET zones/:zone/disks/:name': ({ cloud, at }) => {
    const disk = cloud.disks.get(keyOf(part(at, 'zone'), part(at, 'name')))
    if (!disk) throw notFound(`projects/${project}/zones/${at.zone}/disks/${at.name}`)
    return ok(disk)
  },
  'DELETE zones/:zone/disks/:name': ask => {
    const { cloud, at } = ask
    return once(ask, requestId => {
      const key = keyOf(part(at, 'zone'), part(at, 'name'))
      const disk = cloud.disks.get(key)
      if (!disk) throw notFound(`projects/${project}/zones/${at.zone}/disks/${at.name}`)
      if (disk.users.length > 0) {
        const why = `The disk resource '${disk.name}' is already being used by '${disk.users[0]}'`
        throw new Refusal(400, 'resourceInUseByAnotherResource', why)
      }
      return begin(cloud, {
        type: 'delete',
        zone: part(at, 'zone'),
        targetLink: disk.selfLink,
        targetId: disk.id,
        ms: cloud.knobs.deleteMs,
        requestId,
        effect: () => void cloud.disks.delete(key),
      })
    })
  },
}

const addresses: Readonly<Record<string, Handler>> = {
  'GET aggregated/addresses': ({ cloud, query }) =>
    aggregated(
      cloud,
      query,
      'addresses',
      [...cloud.addresses.values()].map(one => ({ place: one.region.split('/').at(-1) ?? '', item: one })),
    ),
  'GET regions/:region/addresses/:name': ({ cloud, at }) => {
    const address = cloud.addresses.get(keyOf(part(at, 'region'), part(at, 'name')))
    if (!address) throw notFound(`projects/${project}/regions/${at.region}/addresses/${at.name}`)
    return ok(address)
  },
  'DELETE regions/:region/addresses/:name': ask => {
    const { cloud, at } = ask
    return once(ask, requestId => {
      const key = keyOf(part(at, 'region'), part(at, 'name'))
      const address = cloud.addresses.get(key)
      if (!address) throw notFound(`${regionUrl(part(at, 'region'))}/addresses/${at.name}`)
      return begin(cloud, {
        type: 'delete',
        region: part(at, 'region'),
        targetLink: address.selfLink,
        targetId: address.id,
        ms: cloud.knobs.deleteMs,
        requestId,
        effect: () => void cloud.addresses.delete(key),
      })
    })
  },
}

const operations: Readonly<Record<string, Handler>> = {
  'POST zones/:zone/operations/:operation/wait': async ({ cloud, at }) => {
    const until = Date.now() + cloud.knobs.waitMs
    const found = operationAt(cloud, at)
    while (found.status !== 'DONE' && Date.now() < until) {
      await cloud.timeline.pause(Math.min(20, until - Date.now()))
      cloud.timeline.catchUp()
    }
    return ok(found)
  },
  'GET zones/:zone/operations/:operation': ({ cloud, at }) => ok(operationAt(cloud, at)),
  'GET regions/:region/operations/:operation': ({ cloud, at }) => ok(operationAt(cloud, at)),
  'GET zones/:zone/operations': ({ cloud, at, query }) =>
    page(
      cloud,
      query,
      [...cloud.operations.values()].filter(({ zone }) => zone?.endsWith(`/${at.zone}`)),
    ),
}

function operationAt(cloud: Cloud, at: Ask['at']): Operation {
  const found = cloud.operations.get(part(at, 'operation'))
  if (!found) throw notFound(`projects/${project}/operations/${at.operation}`)
  return found
}

/** `METHOD path` below `projects/PROJECT/`. */
export const handlers: Readonly<Record<string, Handler>> = {
  ...instances,
  ...disks,
  ...addresses,
  ...operations,
  ...readings,
}
