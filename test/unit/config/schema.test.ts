import { describe, expect, it } from 'vitest'
import { userSettings } from '../../../src/agent/index.ts'
import { agentSourceKeys } from '../../../src/config/agent-section.ts'
import { configJsonSchema } from '../../../src/config/index.ts'
import { ownKeys } from '../../../src/config/keys.ts'
import { mappingOf, valueAt } from '../../../src/config/path.ts'

const schema = configJsonSchema()
const roots = {
  top: [],
  type: ['properties', 'agent-types', 'additionalProperties'],
  pool: ['properties', 'pools', 'additionalProperties'],
}

describe('the JSON Schema', () => {
  it.each(ownKeys.map(({ key, at }) => [at, key] as const))('of %s knows %s', (at, key) => {
    const path = [...roots[at], ...key.split('.').flatMap(part => ['properties', part])]
    expect(valueAt(schema, path)).toBeDefined()
  })

  it('knows the settings of the agent and which agent runs, and nothing else under agent', () => {
    const agent = valueAt(schema, [...roots.pool, 'properties', 'agent'])
    const known = [...agentSourceKeys, ...userSettings.map(({ key }) => key)]
    expect(Object.keys(mappingOf(valueAt(agent, ['properties']))).toSorted()).toEqual(known.toSorted())
    expect(valueAt(agent, ['additionalProperties'])).toBe(false)
  })
})
