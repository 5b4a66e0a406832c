// Processor time of one page of 1,000 ended machines, by EC2's SDK: `node test/bench/scale/ec2-page.ts`.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EC2 } from '@aws-sdk/client-ec2'

const pageMax = 1_000
const times = 10

const tags = {
  ...{ 'agentctl-owner': 'acme-ci', 'agentctl-pool': 'linux', 'agentctl-type': 's1-linux' },
  ...{ 'agentctl-launch': 'a'.repeat(26), 'agentctl-digest': '0'.repeat(64), 'agentctl-version': '1' },
  ...{
    'agentctl-units': `0.1.acme-ci-${'a'.repeat(26)}-0.${'A'.repeat(22)}`,
    'agentctl-expires-at': '1790000000',
  },
}
const tagSet = Object.entries(tags)
  .map(([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`)
  .join('')

/** What EC2 still says of a machine that has ended: no disks and no interfaces any more. */
const machine = (index: number) => `<item><instanceId>i-${String(index).padStart(17, '0')}</instanceId>
<imageId>ami-0abcdef1234567890</imageId><instanceState><code>48</code><name>terminated</name></instanceState>
<amiLaunchIndex>0</amiLaunchIndex><instanceType>c7i.large</instanceType>
<launchTime>2026-01-01T00:00:00.000Z</launchTime><placement><availabilityZone>us-east-1a</availabilityZone>
<tenancy>default</tenancy></placement><monitoring><state>disabled</state></monitoring>
<stateReason><code>Client.InstanceInitiatedShutdown</code><message>Instance initiated shutdown</message></stateReason>
<architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>
<virtualizationType>hvm</virtualizationType><clientToken>${'a'.repeat(26)}</clientToken><tagSet>${tagSet}</tagSet>
<hypervisor>xen</hypervisor><ebsOptimized>false</ebsOptimized><enaSupport>true</enaSupport>
<cpuOptions><coreCount>1</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions>
<metadataOptions><httpTokens>required</httpTokens><httpEndpoint>enabled</httpEndpoint></metadataOptions></item>`

const reservations = Array.from(
  { length: pageMax },
  (_, index) =>
    `<item><reservationId>r-${index}</reservationId><instancesSet>${machine(index)}</instancesSet></item>`,
)
const body = `<DescribeInstancesResponse><reservationSet>${reservations.join('')}</reservationSet></DescribeInstancesResponse>`

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/xml' }).end(body)
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const credentials = { accessKeyId: 'none', secretAccessKey: 'none' }
const ec2 = new EC2({ endpoint, region: 'us-east-1', credentials })
const page = () => ec2.describeInstances({ MaxResults: pageMax })
for (let warm = 0; warm < 3; warm += 1) await page()
const before = process.cpuUsage()
for (let count = 0; count < times; count += 1) await page()
const { user, system } = process.cpuUsage(before)
const each = Math.round((user + system) / 1_000 / times)
process.stdout.write(
  `${each} ms of processor time for a page of ${pageMax} ended machines, ${body.length} bytes\n`,
)
ec2.destroy()
server.close()
server.closeAllConnections()
