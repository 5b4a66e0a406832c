import { begin, type Cloud, instanceUrl, keyOf, type Machine } from './cloud.ts'
import type { Operation } from './types.ts'

/** Machines, from their first start to their end. */

export function setRunning(cloud: Cloud, machine: Machine): void {
  const { instance } = machine
  machine.life += 1
  instance.status = 'RUNNING'
  armDeadline(cloud, machine)
}

/** As the platform counts: from the start for a duration, and not at all once the machine has stopped. */
function armDeadline(cloud: Cloud, machine: Machine): void {
  const { timeline, knobs, stamp } = cloud
  const { scheduling: { maxRunDuration, terminationTime } = {} } = machine.instance
  const time = terminationTime
    ? Date.parse(terminationTime)
    : maxRunDuration && timeline.now() + Number(maxRunDuration.seconds ?? 0) * 1000
  if (time === undefined) return
  machine.instance.resourceStatus = { scheduling: { terminationTimestamp: stamp(time) } }
  const { life } = machine
  timeline.at(time + knobs.deadlineLagMs, () => {
    if (machine.life !== life || machine.instance.status !== 'RUNNING') return
    if (machine.instance.scheduling?.instanceTerminationAction === 'DELETE') remove(cloud, machine, 'delete')
    else stop(cloud, machine)
  })
}

/** What a power-off from inside does: the machine stays, its deadline does not. */
export function stop(cloud: Cloud, machine: Machine): void {
  const { instance } = machine
  if (instance.status !== 'RUNNING') return
  toStopping(machine)
  cloud.timeline.at(cloud.timeline.now() + cloud.knobs.stopMs, () => {
    if (!machine.isDeleting && !cloud.knobs.stuckStopping.has(instance.name)) instance.status = 'TERMINATED'
  })
}

function toStopping(machine: Machine): void {
  machine.instance.status = 'STOPPING'
  delete machine.instance.resourceStatus
  machine.life += 1
}

/** Deletes a machine with its disks that are to go with it. */
export function remove(cloud: Cloud, machine: Machine, type: string, requestId?: string): Operation {
  const { zone, instance } = machine
  machine.isDeleting = true
  toStopping(machine)
  return begin(cloud, {
    type,
    zone,
    targetLink: instanceUrl(zone, instance.name),
    targetId: instance.id ?? '',
    ms: cloud.knobs.deleteMs,
    requestId,
    effect() {
      const error = cloud.knobs.deleteError
      machine.isDeleting = false
      if (!error) vanish(cloud, machine)
      return error
    },
  })
}

export function vanish(cloud: Cloud, { zone, instance }: Machine): void {
  cloud.machines.delete(keyOf(zone, instance.name))
  for (const { source, autoDelete } of instance.disks ?? []) {
    const disk = cloud.disks.get(keyOf(zone, source?.split('/').at(-1) ?? ''))
    if (!disk) continue
    if (autoDelete) cloud.disks.delete(keyOf(zone, disk.name))
    else disk.users = []
  }
}

/** The spot market takes a machine back: a notice, then its end. */
export function preempt(cloud: Cloud, machine: Machine): void {
  const { zone, instance } = machine
  toStopping(machine)
  begin(cloud, {
    type: 'compute.instances.preempted',
    zone,
    targetLink: instanceUrl(zone, instance.name),
    targetId: instance.id ?? '',
    ms: 0,
    effect: () => undefined,
  })
  cloud.timeline.at(cloud.timeline.now() + cloud.knobs.preemptMs, () => {
    if (machine.isDeleting) return
    if (instance.scheduling?.instanceTerminationAction === 'DELETE') vanish(cloud, machine)
    else instance.status = 'TERMINATED'
  })
}
