import { type CoordinatorModule, contractError, contractVersion, namePattern } from '@agentctl/contract'
import { openCoordinator } from './open.ts'

/** Many hosts of one installation share a PostgreSQL database. The README says what is kept in it. */
const postgres: CoordinatorModule = {
  contract: contractVersion,
  name: 'postgres',
  open: async deps => {
    if (!namePattern.test(deps.owner))
      throw contractError('invalid-spec', `The owner ${deps.owner} is no name such as acme-ci`)
    return openCoordinator(deps)
  },
}
export default postgres
