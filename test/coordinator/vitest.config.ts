import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    disableConsoleIntercept: true,
    include: ['test/coordinator/**/*.hosts.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // They mostly wait for a database that does not answer, or for a silence to be noticed.
    maxWorkers: 3,
    sequence: { concurrent: true },
    reporters: ['verbose'],
  },
})
