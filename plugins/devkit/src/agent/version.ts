/** The version of the real agent whose behaviour this one has, marked as not being it. */
export const agentVersion = 'v2.4.0+agentctl'

export const userAgent = `SemaphoreAgent/${agentVersion}`
