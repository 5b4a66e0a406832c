import { isoImage } from '../../plugins/qemu/src/iso.ts'
import { newArmRound, played } from '../clouds/arm/round.ts'
import type { PlayedInstance } from '../clouds/guests.ts'
import { run } from '../support/cli.ts'
import { startMetadata } from './netns.ts'
import { bootInstances } from './played.ts'
import { type Stage, scenario } from './scenario.ts'
import { bootVm, macAddress } from './vm.ts'

/** What a machine's DVD holds. Source: cloud-init, "Azure" data source, `ovf-env.xml`, 22.4. */
function ovfEnvironment(hostName: string, userData: Uint8Array): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<ns0:Environment xmlns:ns0="http://schemas.dmtf.org/ovf/environment/1" xmlns:ns1="http://schemas.microsoft.com/windowsazure">
  <ns1:ProvisioningSection>
    <ns1:Version>1.0</ns1:Version>
    <ns1:LinuxProvisioningConfigurationSet>
      <ns1:ConfigurationSetType>LinuxProvisioningConfiguration</ns1:ConfigurationSetType>
      <ns1:HostName>${hostName}</ns1:HostName>
      <ns1:UserName>debian</ns1:UserName>
      <ns1:DisableSshPasswordAuthentication>true</ns1:DisableSshPasswordAuthentication>
      <ns1:CustomData>${Buffer.from(userData).toString('base64')}</ns1:CustomData>
    </ns1:LinuxProvisioningConfigurationSet>
  </ns1:ProvisioningSection>
  <ns1:PlatformSettingsSection>
    <ns1:Version>1.0</ns1:Version>
    <ns1:PlatformSettings><ns1:ProvisionGuestAgent>false</ns1:ProvisionGuestAgent></ns1:PlatformSettings>
  </ns1:PlatformSettingsSection>
</ns0:Environment>
`
}

const goalState = `<?xml version="1.0" encoding="utf-8"?>
<GoalState><Version>2012-11-30</Version><Incarnation>1</Incarnation><Container><ContainerId>c-1</ContainerId>
<RoleInstanceList><RoleInstance><InstanceId>i-1</InstanceId></RoleInstance></RoleInstanceList></Container></GoalState>`

const vmId = '02aab8a4-74ef-476e-8182-f6d2ba4166a6'

/** The metadata service, and the host that a machine tells it is ready. */
const answers = {
  '/metadata/instance?api-version=2021-08-01&extended=true': JSON.stringify({
    compute: { vmId, osProfile: { computerName: 'azure-guest' } },
    network: { interface: [{ macAddress: macAddress.replaceAll(':', ''), ipv4: { ipAddress: [] } }] },
  }),
  '/machine/?comp=goalstate': goalState,
  '/machine?comp=health': '',
}

const assetTag = '7783-7084-3265-9085-8269-3286-77'

/** A machine that finds by SMBIOS that this is Azure, reads its DVD and reports that it is ready. */
async function live(stage: Stage, { userData }: PlayedInstance): Promise<void> {
  const service = await startMetadata(stage.engine, answers)
  stage.later(() => service.close())
  const environment = Buffer.from(ovfEnvironment('azure-guest', userData))
  const vm = await bootVm({
    smbios: [`type=1,uuid=${vmId}`, `type=3,asset=${assetTag}`],
    pid: service.pid,
    dvd: isoImage('rd_rdfe_stable', [{ name: 'ovf-env.xml', bytes: environment }]),
  })
  stage.later(() => vm.remove())
  stage.watch(vm)
  const { reason } = await stage.end(vm, 300)
  stage.expect(reason).toBe('job-finished')
  stage.expect(await service.requests()).toContain('POST /machine?comp=health')
}

scenario('Azure: a virtual machine boots by its own data source and runs a job', async stage => {
  const { expect, engine } = stage
  await using round = await newArmRound({ hub: { host: engine.address } })
  const { hub, arm, home } = round
  const [job = ''] = hub.queue({
    commands: ['cloud-init query cloud_name', 'cat /var/lib/waagent/ovf-env.xml && echo readable; true'],
  })
  await using booted = bootInstances(played(arm), instance => live(stage, instance))

  const ended = await Promise.race([run(home, 'provision', '--json'), booted.failed])

  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  expect(JSON.parse(ended.stdout)).toMatchObject({ done: 1, machines: 1, left: [] })
  expect(hub.job(job)).toMatchObject({ result: 'passed', runs: 1 })
  expect(hub.log(job)).toMatch(/^azure$/m)
  expect(hub.log(job)).toContain('ovf-env.xml: Permission denied')
  expect(arm.left('test-ci')).toEqual([])
})
