import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificates extends Disposable {
  /** For NODE_EXTRA_CA_CERTS. */
  readonly caFile: string
  readonly ca: string
  readonly key: string
  readonly cert: string
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** A new authority, and a certificate of it for this machine's loopback, by `openssl`. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-arm-ca-'))
  const at = (name: string) => join(folder, name)
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  const authority = [
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
    '-days',
    '2',
    '-subj',
    '/CN=agentctl test',
  ]
  openssl('req', '-x509', ...curve, ...authority)
  openssl('req', ...curve, '-keyout', at('key'), '-out', at('csr'), '-subj', '/CN=localhost')
  const signer = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial']
  openssl(
    'x509',
    '-req',
    '-in',
    at('csr'),
    ...signer,
    '-out',
    at('crt'),
    '-days',
    '2',
    '-extfile',
    at('names'),
  )
  return {
    caFile: at('ca.crt'),
    ca: readFileSync(at('ca.crt'), 'utf8'),
    key: readFileSync(at('key'), 'utf8'),
    cert: readFileSync(at('crt'), 'utf8'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
