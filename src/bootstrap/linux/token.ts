import { composeAgentConfig, renderConfigYml } from '../../agent/index.ts'
import { asciiQuoted } from '../shell.ts'
import { places } from './places.ts'
import type { LinuxBootstrap } from './types.ts'

/** bash that sets `common_config`: config.yml without what is the unit's own, in a variable that is not exported. */
export function commonConfig({ basis, hold, token = { kind: 'inline' } }: LinuxBootstrap): string {
  const { token: secret, ...rest } = composeAgentConfig({ ...basis, shutdownHookPath: places.shutdownHook })
  const config = { ...rest, ...(hold && { 'post-job-hook-path': places.postJobHook }) }
  if (token.kind === 'inline') {
    const whole = secret === undefined ? config : { ...config, token: secret }
    return `common_config=${asciiQuoted(renderConfigYml(whole))}`
  }
  return `common_config=${asciiQuoted(renderConfigYml(config))}
for attempt in 1 2 3 4 5; do
  [ "$attempt" = 1 ] || sleep "$attempt"
  secret=$(http GET ${asciiQuoted(token.url)} - 2>"$own/token-fault") && break
  secret=
done
case $secret in
  '' | *[!0-9A-Za-z._~+/=-]*) fail "no token behind its signed URL: $(tail -n 1 "$own/token-fault")" ;;
esac
common_config+="token: \\"$secret\\""$'\\n'
unset secret`
}
