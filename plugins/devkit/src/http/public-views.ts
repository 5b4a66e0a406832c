import type { Agent, AgentType, Job, JobState } from '../hub/model.ts'

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}

/** No job id here: that stands on the job. Anything but waiting shows as running, even a finished job. */
export function showAgent(agent: Agent) {
  const { version, os, arch, hostname, pid, ipAddress } = agent.metadata
  const waiting = agent.lastSyncState === undefined || agent.lastSyncState === 'waiting-for-jobs'
  return {
    metadata: {
      name: agent.name,
      type: agent.typeName,
      version,
      os,
      arch,
      hostname,
      ip_address: ipAddress,
      pid,
      connected_at: seconds(agent.createdAt),
      ...(agent.disabledAt === undefined ? {} : { disabled_at: seconds(agent.disabledAt) }),
    },
    status: { state: waiting ? 'waiting_for_job' : 'running_job' },
  }
}

export function showAgentType(type: AgentType, agentCount: number) {
  return {
    metadata: {
      name: type.name,
      create_time: seconds(type.createdAt),
      update_time: seconds(type.updatedAt),
    },
    spec: { agent_name_settings: { ...type.settings, aws: type.settings.aws ?? null } },
    status: { total_agent_count: agentCount },
  }
}

const jobStates: Readonly<Record<JobState, string>> = {
  pending: 'PENDING',
  queued: 'QUEUED',
  assigned: 'QUEUED',
  running: 'RUNNING',
  finished: 'FINISHED',
}

/** Source: semaphoreio/semaphore zebra/lib/zebra/apis/public_job_api/serializer.ex, 2026-08. */
export function showJob(job: Job) {
  const began = job.state === 'running' || job.state === 'finished'
  return {
    metadata: {
      id: job.id,
      name: job.name,
      create_time: String(seconds(job.createdAt)),
      update_time: String(seconds(job.finishedAt ?? job.startedAt ?? job.createdAt)),
      start_time: job.startedAt === undefined ? '' : String(seconds(job.startedAt)),
      finish_time: job.finishedAt === undefined ? '' : String(seconds(job.finishedAt)),
    },
    spec: { agent: { machine: { type: job.typeName, os_image: '' } }, commands: job.spec.commands },
    status: {
      state: jobStates[job.state],
      result: job.result?.toUpperCase() ?? 'NONE',
      ...(began ? { agent: { name: job.agentName ?? '', ip: job.agentAddress ?? '', ports: [] } } : {}),
    },
  }
}
