import { fileURLToPath, pathToFileURL } from 'node:url'
import { isContractError } from '../errors.ts'
import type { Check, Rule } from './check.ts'

/** Each rule as the README's table has it, and what the optional verbs and the capabilities have to keep. */
export const ruleTexts: Readonly<Record<Rule, string>> = {
  L1: '`launch` twice with one launch id and the same request yields one set of instances',
  L2: 'the same launch id with another request is a `conflict`, and creates nothing',
  L3: 'ownership is written in the creating call',
  L4: 'a failed launch leaves nothing, or only owned resources that `list` shows',
  L5: 'may have been accepted and no answer came: `outcome-unknown`, never `unavailable`',
  L6: '`launch` returns when the cloud has accepted, and never returns what has ended',
  L7: 'fewer instances than units is a `shortfall`, not a throw, and unit indexes are right',
  S1: '`list` yields all and only our resources of the scope, every page, zone and asked-for kind',
  S2: '`list` completes or throws; it never ends early in silence',
  S3: 'a cloud status that is not mapped is `unknown`, is logged raw, and never causes a delete by itself',
  T1: '`terminate` of an absent ref answers `gone`',
  T2: '`accepted` means requested; repeated calls converge to `gone`',
  T3: '`terminate` refuses a ref without our owner tag: `not-owned`',
  T4: 'after `gone`, and `settleMs` later, nothing of that resource remains',
  P1: '`parseSpec` and `scopes` do no I/O, are deterministic, and reject unknown keys',
  P2: '`resolve` and `preflight` make no writes',
  C1: 'every call honours its signal within 1 s and never outlives its deadline',
  C2: 'every thrown value is a contract error with a code; cause kept, secrets removed',
  C3: 'time, chance, log and environment come from `deps` alone; a module has no state',
  U1: 'user data reaches the guest byte for byte; over the limit is `invalid-spec` before any call',
  K1: 'a work, or two with a subject in common, is in the hands of one host at most',
  K2: 'a silent host loses its works within 15 s, and whoever lost a work changes nothing',
  K3: 'what is released goes on elsewhere at once or when asked; a host that drains is given no more',
  K4: '`commit` is all or nothing and for good, and records come back byte for byte',
  K5: '`load`, `recall`, `history` and `forget` reach exactly the records that they are for',
  K6: 'grants never exceed their maximum in sum, and outlive their holder',
  K7: 'a bucket is one for all hosts of all owners, and holds its rate',
  K8: "hosts are known alive or not by the coordinator's own time, whatever their clocks say",
  K9: 'an owner sees and touches nothing of another one',
  capabilities: '`capabilities` are declared once, and fit the verbs that are there',
  mark: '`mark` changes the rows that it is given and no other',
  guard: '`guard` is idempotent, and leaves the instance alive and owned',
  connect: '`connect` is pure, and gives one command that holds no secret',
  consoleTail: '`consoleTail` gives the end of the console, at most 64 KiB',
}

const page = pathToFileURL(fileURLToPath(new URL('../../README.md', import.meta.url)))
const isNumbered = /^[A-Z]\d$/

/** Where the rule's text is: the README of this very version, as it lies on this machine. */
export function ruleLink(rule: Rule): string {
  const anchor = isNumbered.test(rule) ? rule.toLowerCase() : 'optional-verbs'
  return `${page}#${anchor}`
}

/** What a test report shows of a check that failed: the case, what happened, the rule and where it is written. */
export function brokenRule({ rule, title }: Pick<Check, 'rule' | 'title'>, thrown: unknown): Error {
  const code = isContractError(thrown) ? `${thrown.code}: ` : ''
  const what = thrown instanceof Error ? thrown.message : String(thrown)
  const lines = [
    `${rule} is broken: ${title}`,
    `${code}${what}`,
    `The rule: ${ruleTexts[rule]}`,
    `Its text: ${ruleLink(rule)}`,
  ]
  return new Error(lines.join('\n'), { cause: thrown })
}
