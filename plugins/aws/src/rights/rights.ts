import type { Rights, RightsRequest } from '@agentctl/contract'
import { partitionOf } from '../cache/names.ts'
import { parseSettings } from '../settings.ts'
import { parseSpec } from '../spec.ts'
import { instanceRights } from './instances.ts'
import { cacheRights, secretRights, tokenRights } from './stores.ts'

/** An IAM policy for the controller. Pure. @throws `invalid-spec` */
export function rights(request: RightsRequest): Rights {
  const { owner, settings, secrets, tokenBuckets, cache } = request
  // The environment may name a region that the file leaves out: the policy then holds in all of them.
  const placeholder = { ...parseSettings(settings, {}), region: '*' }
  const specs = request.specs.map(raw => parseSpec(raw, placeholder))
  const partition = partitionOf(specs[0]?.region ?? '')
  const Statement = [
    ...instanceRights(owner, specs),
    ...secretRights(partition, secrets),
    ...tokenRights(partition, owner, tokenBuckets),
    ...(cache ? cacheRights(partition, cache) : []),
  ]
  const notes = [
    'Save it as policy.json, then: aws iam create-policy --policy-name agentctl --policy-document file://policy.json, and attach it to the role or the user of the controller.',
    ...(specs.some(spec => spec.market.includes('spot'))
      ? ['Once an account: aws iam create-service-linked-role --aws-service-name spot.amazonaws.com.']
      : []),
    ...(specs.some(spec => spec['instance-profile'] !== undefined)
      ? [
          'iam:PassRole is for a role named like its instance profile: correct it where the role has another name.',
        ]
      : []),
    ...(secrets.length > 0
      ? ['A secret that is encrypted with a key of your own also needs kms:Decrypt on that key.']
      : []),
  ]
  return { document: { Version: '2012-10-17', Statement }, note: notes.join('\n') }
}
