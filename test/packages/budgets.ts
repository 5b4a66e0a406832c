/** What a package may take: its tarball, its files, and an empty folder that it is installed into. */
export interface Budget {
  readonly packedKb: number
  readonly files: number
  /** With all that it depends on. Unit: MB of a million bytes, contents of files. */
  readonly installedMb: number
}

const plugin = { packedKb: 100, files: 150 } as const

/** The command line's installed size is without the npm that `plugins` brings along. */
export const budgets: Readonly<Record<string, Budget>> = {
  '@agentctl/cli': { packedKb: 400, files: 500, installedMb: 30 },
  '@agentctl/contract': { ...plugin, installedMb: 1 },
  '@agentctl/coordinator-postgres': { ...plugin, installedMb: 15 },
  '@agentctl/plugin-devkit': { ...plugin, files: 200, installedMb: 15 },
  '@agentctl/provider-aws': { ...plugin, installedMb: 60 },
  '@agentctl/provider-azure': { ...plugin, installedMb: 150 },
  '@agentctl/provider-docker': { ...plugin, installedMb: 15 },
  '@agentctl/provider-gcp': { ...plugin, installedMb: 170 },
  '@agentctl/provider-local': { ...plugin, installedMb: 8 },
  '@agentctl/provider-qemu': { ...plugin, installedMb: 8 },
  '@agentctl/provider-sim': { ...plugin, installedMb: 8 },
}
