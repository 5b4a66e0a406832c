export { linuxParts, linuxUserData } from './bootstrap.ts'
export type { Download, Downloads, LinuxBootstrap } from './types.ts'
