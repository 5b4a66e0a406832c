import { setFlagsFromString } from 'node:v8'

/**
 * V8 doubles its young generation at bursts, and hardly ever gives it back: most of what a tick over 10,000 machines took
 * was room for what was garbage already. From here on it stays as large as it is, with the program and the clouds' SDKs
 * loaded. The flag has been tried on Node 20 and 24; one that does not know it would say so, and go on.
 */
export function keepYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
