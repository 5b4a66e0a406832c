import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    disableConsoleIntercept: true,
    include: ['test/install/**/*.installs.ts'],
    globalSetup: 'test/install/global-setup.ts',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    maxWorkers: 2,
    reporters: ['verbose'],
  },
})
