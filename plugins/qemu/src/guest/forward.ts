import { connect } from 'node:net'
import { argument, exit, stdin, stdout } from './effects.ts'

/** `node forward.js PORT`: one connection of a guest, handed on to that port of this host's loopback. */
const service = connect(Number(argument), '127.0.0.1')
stdin.pipe(service)
service.pipe(stdout)
service.once('error', () => exit(1))
