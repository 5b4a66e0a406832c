export { linuxParts, linuxUserData } from './bootstrap.ts'
export type { Download, Downloads, GuestFile, LinuxBootstrap, TokenDelivery } from './types.ts'
