import { z } from 'zod'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const typeName = /^s1-[a-zA-Z0-9-_]+$/

const command = z.union([z.string(), z.strictObject({ directive: z.string(), alias: z.string().optional() })])
/** A multi-line text is one command, as in a Semaphore pipeline. */
const commands = z.array(command)
const variable = z.union([z.string(), z.number(), z.boolean()])
const file = z.strictObject({
  path: z.string().min(1),
  content: z.string(),
  mode: z
    .string()
    .regex(/^[0-7]{3,4}$/, 'an octal mode such as "0644"')
    .optional(),
})

/** One job, as it stands in a jobs file and in `POST /dev/jobs`. */
export const jobSpec = z.strictObject({
  id: z.string().regex(uuid, 'a UUID, as the real job ids are').optional(),
  name: z.string().optional(),
  type: z.string().regex(typeName, 'an agent type: s1- and letters, digits, - or _').optional(),
  commands: commands.min(1, 'at least one command'),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name'), variable).optional(),
  files: z.array(file).optional(),
  epilogue_always: commands.optional(),
  epilogue_on_pass: commands.optional(),
  epilogue_on_fail: commands.optional(),
  /** `dockercompose` is there to see how an agent refuses it. */
  executor: z.enum(['shell', 'dockercompose']).optional(),
  /** The job comes into the queue this much later. */
  'delay-ms': z.number().int().min(0).optional(),
})

export type JobSpec = z.infer<typeof jobSpec>
export type JobCommand = z.infer<typeof command>

export function isUuid(text: string): boolean {
  return uuid.test(text)
}

export function isTypeName(text: string): boolean {
  return typeName.test(text) && text.length <= 100
}

/** Small, friendly jobs of about a second, for a first look. */
export function demoJobs(count: number): JobSpec[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `demo ${index + 1}`,
    commands: [
      `echo "Hello from demo job ${index + 1}"`,
      'echo "This machine is $(hostname), user $(id -un)"',
      'sleep 1',
      'echo "Done"',
    ],
  }))
}
