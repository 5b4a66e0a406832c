import { fileURLToPath } from 'node:url'

export { type Hub, type HubOptions, startHub } from './http/start-hub.ts'
export type { HubEvent } from './hub/events.ts'
export { type FileProblem, parseJobsFile, showProblems } from './hub/job-file.ts'
export { demoJobs, type JobSpec, jobSpec } from './hub/job-spec.ts'
export type { KnobChange, Knobs } from './hub/knobs.ts'
export type { AgentView, JobResult, JobState, JobView } from './hub/model.ts'

/** The stand-in agent, a program to be run by Node: `node PATH start --config-file ...`. */
export const agentPath: string = fileURLToPath(new URL('./agent/main.js', import.meta.url))
