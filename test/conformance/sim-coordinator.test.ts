import { describeCoordinator } from '@agentctl/contract/testing'
import { simCoordinatorTarget } from './sim-coordinator-target.ts'

describeCoordinator(simCoordinatorTarget('sim: a coordinator'))

describeCoordinator(
  simCoordinatorTarget('sim: a coordinator far away, which is slow at times', {
    latencyMs: [20, 150],
    chances: { slow: 0.05 },
    slowMs: [200, 500],
  }),
)
