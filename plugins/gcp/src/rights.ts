import type { Rights, RightsRequest } from '@agentctl/contract'
import { cachePermissions, permissionsFor } from './permissions.ts'
import { parseSettings } from './settings.ts'
import { parseSpec } from './spec.ts'

/** A custom role for the project, as `gcloud iam roles create --file` takes it. Pure. */
export function rights({ owner, settings, specs, secrets, cache }: RightsRequest): Rights {
  // The role is the same in every project, so a spec that leaves its project to the environment is good here too.
  const placeholder = parseSettings(settings, { GOOGLE_CLOUD_PROJECT: 'any-project' })
  const parsed = specs.map(raw => parseSpec(raw, placeholder))
  const accounts = [...new Set(parsed.flatMap(spec => spec['service-account'] ?? []))]
  const document = {
    title: `agentctl ${owner}`,
    description: 'What agentctl needs to make, see and end its own machines',
    stage: 'GA',
    includedPermissions: [
      ...permissionsFor(parsed),
      ...(cache ? cachePermissions(cache.access) : []),
    ].toSorted(),
  }
  const steps = [
    'Save it as role.json, then: gcloud iam roles create agentctl --project PROJECT --file role.json; gcloud projects add-iam-policy-binding PROJECT --member MEMBER --role projects/PROJECT/roles/agentctl.',
    ...accounts.map(
      account =>
        `gcloud iam service-accounts add-iam-policy-binding ${account} --member MEMBER --role roles/iam.serviceAccountUser.`,
    ),
    ...secrets.map(
      ref =>
        `gcloud secrets add-iam-policy-binding ${secretNameOf(ref)} --member MEMBER --role roles/secretmanager.secretAccessor.`,
    ),
    'Compute Engine has no condition on labels, so the role holds for all machines of the project: give agentctl a project of its own where that is too much.',
  ]
  return { document, note: steps.join('\n') }
}

function secretNameOf(ref: string): string {
  return /projects\/([^/]+)\/secrets\/([^/]+)/.exec(ref)?.slice(1).reverse().join(' --project ') ?? ref
}
