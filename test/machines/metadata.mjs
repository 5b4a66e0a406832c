// A metadata service on 169.254.169.254:80 of the namespace it runs in. Reads JSON lines: {answers} adds answers by
// path, {echo} is printed when all before it is done. Prints "METHOD path" of each request.
// EC2's session tokens (IMDSv2) are asked for where a path begins with /latest/.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

const answers = new Map()
const session = 'session-of-this-test'

const server = createServer((request, response) => {
  const { method, url = '/', headers } = request
  process.stdout.write(`${method} ${url}\n`)
  const end = (status, body = '') => response.writeHead(status).end(body)
  if (method === 'PUT' && url === '/latest/api/token') return end(200, session)
  const isEc2 = url.startsWith('/latest/')
  if (isEc2 && headers['x-aws-ec2-metadata-token'] !== session) return end(401)
  if (url.startsWith('/computeMetadata/') && headers['metadata-flavor'] !== 'Google') return end(403)
  const body = answers.get(url)
  return body === undefined ? end(404) : end(200, body)
})
await new Promise(resolve => server.listen(80, '169.254.169.254', resolve))
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line)
  for (const [path, body] of Object.entries(message.answers ?? {})) answers.set(path, body)
  if (message.echo !== undefined) process.stdout.write(`${message.echo}\n`)
}
process.exit(0)
