import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Boots mostly wait, so more run at a time than there are processors. */
const bootsPerFile = 2

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    disableConsoleIntercept: true,
    include: ['test/machines/**/*.boots.ts'],
    globalSetup: 'test/machines/global-setup.ts',
    testTimeout: 600_000,
    hookTimeout: 1_200_000,
    maxWorkers: 2,
    maxConcurrency: bootsPerFile,
    reporters: ['verbose'],
  },
})
