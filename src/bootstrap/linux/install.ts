import { asciiQuoted } from '../shell.ts'
import { chooseDownload } from './download.ts'
import type { Downloads, GuestAgent } from './types.ts'

/**
 * bash that sets `agent` to the program to run: the image's own where version and place are as wanted, else the
 * download, a tar.gz with `agent` in it or the bare binary.
 *
 * A binary is made execute-only, owned by root: the kernel then lets nobody but root read its process's memory
 * (fs/exec.c would_dump), also on kernels without Yama. A script must stay readable, so what it runs should be so.
 */
export function installAgent({ path, version, download }: GuestAgent): string {
  return `agent=${asciiQuoted(path)}
agent_version=${asciiQuoted(version ?? '')}
install_agent() {
  local lacking
  if [ ! -x "$agent" ]; then
    lacking="no agent at $agent"
  elif [ -n "$agent_version" ] && ! "$agent" version 2>/dev/null | grep -qxF -e "$agent_version" -e "\${agent_version#v}"; then
    lacking="the agent at $agent is not $agent_version"
  else
    return 0
  fi
${download ? fetchAgent(download) : '  fail "$lacking, and no download is configured"'}
}
seal_agent() {
  local real
  real=$(readlink -f "$agent")
  [ "$(head -c 2 "$real")" != '#!' ] || return 0
  chown root:root "$real" && chmod 711 "$real" && return 0
  [ -e /proc/sys/kernel/yama/ptrace_scope ] || say "warning: jobs can read the memory of $real"
}`
}

function fetchAgent(downloads: Downloads): string {
  return `  local url shown sha256 packed=/opt/agentctl/agent.download
${chooseDownload('agent', downloads)}
  mkdir -p /opt/agentctl/agent
  download agent "$url" "$shown" "$sha256" "$packed"
  agent=/opt/agentctl/agent/agent
  if gzip -t "$packed" 2>/dev/null; then
    tar -xzf "$packed" --no-same-owner -C /opt/agentctl/agent || fail "the agent from $shown does not unpack"
  else
    mv "$packed" "$agent"
  fi
  rm -f "$packed"
  [ -f "$agent" ] || fail "there is no agent in $shown"
  chmod 755 "$agent"`
}

/**
 * bash for the toolbox (`checkout`, `cache`, `artifact`), in the home of the agent's user as the agent's own installer
 * puts it. The image's own wins. Its installer links into /usr/local/bin, so it runs as root.
 * Source: agent install.sh, toolbox install-self-hosted-toolbox, 2026-06.
 */
export function installToolbox(downloads: Downloads | undefined): string {
  const fetch = downloads
    ? fetchToolbox(downloads)
    : `  say 'the machine has no toolbox: no checkout, cache, artifact'`
  return `install_toolbox() {
  [ ! -f "$home/.toolbox/toolbox" ] || return 0
${fetch}
}`
}

function fetchToolbox(downloads: Downloads): string {
  return `  local url shown sha256 folder packed=/opt/agentctl/toolbox.download
${chooseDownload('toolbox', downloads)}
  mkdir -p /opt/agentctl/toolbox
  download toolbox "$url" "$shown" "$sha256" "$packed"
  tar -xf "$packed" --no-same-owner -C /opt/agentctl/toolbox || fail "the toolbox from $shown does not unpack"
  rm -f "$packed"
  folder=/opt/agentctl/toolbox
  [ ! -d "$folder/toolbox" ] || folder=$folder/toolbox
  rm -rf "$home/.toolbox"
  mv "$folder" "$home/.toolbox"
  [ -f "$home/.toolbox/toolbox" ] || fail "there is no toolbox in $shown"
  HOME=$home bash "$home/.toolbox/install-toolbox" || fail "the toolbox's installer ended with $?"
  echo 'source ~/.toolbox/toolbox' >>"$home/.bash_profile"
  [ -e "$home/.profile" ] && echo '[ ! -e ~/.profile ] || source ~/.profile' >>"$home/.bash_profile"
  chown -R "$user:" "$home/.toolbox" "$home/.bash_profile"`
}
