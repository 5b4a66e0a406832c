import type { Coordinator, StoredRecord, Tenure, Work } from '@agentctl/contract'
import type { Rule } from '@agentctl/contract/testing'

/** A mistake that a coordinator could make, as a wrapper of one that does not. */
export interface BrokenCoordinator {
  readonly mistake: string
  /** The case that has to notice it: its rule, and words of its title. */
  readonly rule: Rule
  readonly title: string
  /** `others` holds every life that was opened before it, wrapped. */
  wrap(life: Coordinator, others: readonly Coordinator[], host: string): Partial<Coordinator>
}

/** Its tenures, changed. */
function held(life: Coordinator, change: (tenure: Tenure) => Partial<Tenure>): Partial<Coordinator> {
  return {
    async take() {
      const tenure = await life.take()
      return tenure && { ...tenure, ...change(tenure) }
    },
  }
}

const renamed = ({ name }: Work, host: string): Work => ({
  name: `${name}.${host}`,
  subjects: [`${name}.${host}`],
})

export const brokenCoordinators: readonly BrokenCoordinator[] = [
  {
    mistake: 'knows works by their names alone',
    rule: 'K1',
    title: 'a subject in common',
    wrap: life => ({
      offer: works => life.offer(works.map(({ name }) => ({ name, subjects: [name] }))),
    }),
  },
  {
    mistake: 'takes what is offered by two hosts for two works',
    rule: 'K1',
    title: 'offered twice',
    wrap: (life, _, host) => ({ offer: works => life.offer(works.map(work => renamed(work, host))) }),
  },
  {
    mistake: 'says "kept" to who lost a work',
    rule: 'K2',
    title: 'the works of a silent host',
    wrap: life =>
      held(life, ({ commit }) => ({ commit: async changes => (await commit(changes)) && 'kept' })),
  },
  {
    mistake: 'does not tell what was lost',
    rule: 'K2',
    title: 'the works of a silent host',
    wrap: life => ({ beat: async load => ({ ...(await life.beat(load)), lost: [] }) }),
  },
  {
    mistake: 'gives released works back to nobody for a minute',
    rule: 'K3',
    title: 'at once',
    wrap: life => held(life, ({ release }) => ({ release: () => release(60_000) })),
  },
  {
    mistake: 'gives released works to others before the time that was asked for',
    rule: 'K3',
    title: 'released for later',
    wrap: life => held(life, ({ release }) => ({ release: () => release() })),
  },
  {
    mistake: 'does not tell a host that it drains',
    rule: 'K3',
    title: 'a host that drains',
    wrap: life => ({ beat: async load => ({ ...(await life.beat(load)), isDraining: false }) }),
  },
  {
    mistake: 'writes one record after the other',
    rule: 'K4',
    title: 'a part of what is committed',
    wrap: life =>
      held(life, ({ commit }) => ({
        async commit({ saved, removed }) {
          for (const record of saved) await commit({ saved: [record], removed: [] })
          return commit({ saved: [], removed })
        },
      })),
  },
  {
    mistake: 'keeps what a record had before',
    rule: 'K4',
    title: 'replaces what was there, whole',
    wrap: life => {
      const before = new Map<string, StoredRecord>()
      return held(life, ({ commit }) => ({
        commit({ saved, removed }) {
          const merged = saved.map(one => ({ ...before.get(`${one.kind} ${one.key}`), ...one }))
          for (const one of merged) before.set(`${one.kind} ${one.key}`, one)
          return commit({ saved: merged, removed })
        },
      }))
    },
  },
  {
    mistake: 'sorts the keys of bodies',
    rule: 'K4',
    title: 'byte for byte',
    wrap: life =>
      held(life, ({ load }) => ({
        load: async () => (await load()).map(one => ({ ...one, body: JSON.stringify(JSON.parse(one.body)) })),
      })),
  },
  {
    mistake: 'loads what is of other works',
    rule: 'K5',
    title: 'load gives',
    wrap: life => held(life, () => ({ load: () => life.history({ since: Number.MAX_SAFE_INTEGER }) })),
  },
  {
    mistake: 'recalls open records alone',
    rule: 'K5',
    title: 'recall gives',
    wrap: life =>
      held(life, ({ recall }) => ({
        recall: async asked => (await recall(asked)).filter(({ isOpen }) => isOpen),
      })),
  },
  {
    mistake: 'takes the id of a job for its beginning',
    rule: 'K5',
    title: 'history gives',
    wrap: life => ({
      history: wanted => life.history('jobId' in wanted ? { jobPrefix: wanted.jobId } : wanted),
    }),
  },
  {
    mistake: 'forgets whatever is closed',
    rule: 'K5',
    title: 'forget removes',
    wrap: life => held(life, ({ forget }) => ({ forget: () => forget(Number.MAX_SAFE_INTEGER) })),
  },
  {
    mistake: 'grants what is wanted',
    rule: 'K6',
    title: 'never more than the maximum',
    wrap: life => held(life, () => ({ grant: async (wanted, max) => Math.min(wanted, max) })),
  },
  {
    mistake: 'forgets a grant when its work is released',
    rule: 'K6',
    title: 'outlives its holder',
    wrap: life =>
      held(life, ({ grant, release }) => ({
        async release(afterMs) {
          await grant(0, 0)
          await release(afterMs)
        },
      })),
  },
  {
    mistake: 'has a bucket for each host',
    rule: 'K7',
    title: 'from one bucket',
    wrap: (life, _, host) => ({
      admit: (bucket, rate, waitMsMax) => life.admit(`${bucket} ${host}`, rate, waitMsMax),
    }),
  },
  {
    mistake: 'takes a token that is too far away',
    rule: 'K7',
    title: 'too far away',
    wrap: life => ({ admit: (bucket, rate) => life.admit(bucket, rate, Number.POSITIVE_INFINITY) }),
  },
  {
    mistake: 'does not hear "too fast"',
    rule: 'K7',
    title: 'after "too fast"',
    wrap: () => ({ throttled: async () => {} }),
  },
  {
    mistake: 'lists hosts that are alive alone',
    rule: 'K8',
    title: 'hosts are listed',
    wrap: life => ({ hosts: async () => (await life.hosts()).filter(({ isAlive }) => isAlive) }),
  },
  {
    mistake: 'does not say how wrong a clock is',
    rule: 'K8',
    title: 'an hour wrong',
    wrap: life => ({ beat: async load => ({ ...(await life.beat(load)), aheadMs: 0 }) }),
  },
  {
    mistake: 'shows the history of all owners',
    rule: 'K9',
    title: 'another owner',
    wrap: (life, others) => ({
      history: async wanted => (await Promise.all([life, ...others].map(one => one.history(wanted)))).flat(),
    }),
  },
  {
    mistake: 'gives the works of a silent host to nobody',
    rule: 'K2',
    title: 'the works of a silent host',
    wrap: (life, others) => (others.length > 0 ? { take: async () => undefined } : life),
  },
]
