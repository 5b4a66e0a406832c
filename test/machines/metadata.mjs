// The clouds' metadata services on port 80 of the namespace it runs in. Reads JSON lines: {answers} adds answers by
// path, a text or {base64}; {echo} is printed when all before it is done. Prints "METHOD path" of each request.
// EC2's answers stand under /latest/ and want a session token there (IMDSv2). Under a date, where cloud-init looks, they
// want none: in a container it cannot see by SMBIOS that this is EC2, and takes no token then.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

const answers = new Map()
const session = 'session-of-this-test'

const server = createServer((request, response) => {
  const { method, url = '/', headers } = request
  process.stdout.write(`${method} ${url}\n`)
  const end = (status, body = '') => response.writeHead(status).end(body)
  if (method === 'PUT' && url === '/latest/api/token') return end(200, session)
  if (url.startsWith('/latest/') && headers['x-aws-ec2-metadata-token'] !== session) return end(401)
  const path = url.replace(/^\/\d{4}-\d\d-\d\d\//, '/latest/')
  if (path.startsWith('/computeMetadata/')) {
    response.setHeader('Metadata-Flavor', 'Google')
    if (headers['metadata-flavor'] !== 'Google') return end(403)
  }
  const body = answers.get(path)
  return body === undefined ? end(404) : end(200, body)
})
await new Promise(resolve => server.listen(80, resolve))
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line)
  for (const [path, body] of Object.entries(message.answers ?? {})) {
    answers.set(path, typeof body === 'string' ? body : Buffer.from(body.base64, 'base64'))
  }
  if (message.echo !== undefined) process.stdout.write(`${message.echo}\n`)
}
process.exit(0)
