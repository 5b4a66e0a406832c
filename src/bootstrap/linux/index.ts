export { linuxParts, linuxUserData } from './bootstrap.ts'
export type {
  Cloud,
  Download,
  Downloads,
  GuestAgent,
  GuestFile,
  GuestProxy,
  Identity,
  LinuxBootstrap,
  TokenDelivery,
} from './types.ts'
