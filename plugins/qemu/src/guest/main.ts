import { basename, dirname } from 'node:path'
import { unitPaths } from '../paths.ts'
import { argument } from './effects.ts'
import { runHost } from './host.ts'

/** `node main.js <unit folder>`: the guest host of one instance, which lives as long as the instance does. */
await runHost(unitPaths(dirname(argument), Number(basename(argument))))
