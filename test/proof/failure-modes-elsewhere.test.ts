import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** Failure modes whose tests stand elsewhere: source, file, and the name of a test in it. */
const elsewhere: readonly (readonly [source: string, file: string, test: string])[] = [
  [
    'kubernetes-sigs/cluster-api-provider-aws/issues/5794',
    'crash/crash.test.ts',
    'at any moment leaves every job one machine, and nothing behind',
  ],
  [
    'github-aws-runners/terraform-aws-github-runner/issues/2925',
    'sim/failure-modes-capacity.test.ts',
    'no capacity: the next pool serves, each within its own cap, and nothing is forgotten',
  ],
  [
    'jenkinsci/azure-vm-agents-plugin/issues/220',
    'sim/failure-modes-capacity.test.ts',
    'a quota that others share is waited for, with no storm of calls',
  ],
  [
    'solana-labs/solana/issues/4698',
    'sim/failure-modes-capacity.test.ts',
    'machines that stopped or broke, and still bill, are ended by the next run',
  ],
  [
    'hetznercloud/terraform-provider-hcloud/issues/1074',
    'sim/failure-modes-capacity.test.ts',
    'a boot that hangs is ended at its deadline, and its job gets another machine',
  ],
  [
    'github-aws-runners/terraform-aws-github-runner/issues/3422',
    'sim/failure-modes-capacity.test.ts',
    'an image that never boots is not launched for ever',
  ],
  [
    'github-aws-runners/terraform-aws-github-runner/issues/4391',
    'sim/failure-modes-capacity.test.ts',
    'a hub that %s while jobs run ends none of them',
  ],
  [
    'iterative/cml/issues/649',
    'cli/bad-luck.test.ts',
    'the controller is killed, and nobody starts another one: reap accounts for everything',
  ],
  [
    'jenkinsci/ec2-plugin/issues/2030',
    'sim/failure-modes-capacity.test.ts',
    'two controllers, and answers of the hub that are doubled and old, make no machine too many',
  ],
  [
    'boto/boto3/issues/1073',
    'sim/failure-modes-capacity.test.ts',
    'credentials that expire in the middle pause everything, and the exit says so',
  ],
  [
    'hashicorp/terraform-provider-aws/issues/15222',
    'sim/failure-modes-capacity.test.ts',
    'a guest that will not die is ended by the controller; one that the cloud does not end is told',
  ],
  [
    'actions/runner/issues/4617',
    'sim/failure-modes-capacity.test.ts',
    'a job that vanishes between its list and its machine costs that machine alone',
  ],
]

it.each(elsewhere)('https://github.com/%s: shown in test/%s', (_, file, test) => {
  const text = readFileSync(join(import.meta.dirname, '..', file), 'utf8')
  expect(text.includes(`('${test}`), test).toBe(true)
})
