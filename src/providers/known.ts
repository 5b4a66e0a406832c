/** Providers that agentctl's own packages bring. */
export const knownProviders: Readonly<Record<string, string>> = {
  aws: '@agentctl/provider-aws',
  azure: '@agentctl/provider-azure',
  docker: '@agentctl/provider-docker',
  gcp: '@agentctl/provider-gcp',
  local: '@agentctl/provider-local',
  qemu: '@agentctl/provider-qemu',
}
