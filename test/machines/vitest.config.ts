import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Boots mostly wait, so more run at a time than there are processors. */
const bootsPerFile = 2

/** The machine that lives until its deadline takes longest: it begins first, and all others boot beside it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => moduleId.endsWith('qemu.boots.ts')
    const others = await super.sort(files.filter(file => !isLong(file)))
    return [...files.filter(isLong), ...others]
  }
}

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    disableConsoleIntercept: true,
    include: ['test/machines/**/*.boots.ts'],
    globalSetup: 'test/machines/global-setup.ts',
    sequence: { sequencer: LongestFirst },
    testTimeout: 600_000,
    hookTimeout: 1_200_000,
    maxWorkers: 3,
    maxConcurrency: bootsPerFile,
    reporters: ['verbose'],
  },
})
