import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { arch, hostname, type } from 'node:os'

/** 15 random bytes as base64url: 20 characters, which may begin with a dash. */
export function randomName(): string {
  return randomBytes(15).toString('base64url')
}

/** What the agent tells the hub of its machine. Source: semaphoreci/agent pkg/osinfo, 2026-02. */
export function describeMachine() {
  const names: Readonly<Record<string, string>> = { x64: 'x86_64', ia32: 'x86' }
  return { os: prettyName(), arch: names[arch()] ?? arch(), hostname: hostname(), pid: process.pid }
}

function prettyName(): string {
  try {
    const release = readFileSync('/etc/os-release', 'utf8')
    return /^PRETTY_NAME="?([^"\n]*)"?/m.exec(release)?.[1] ?? type()
  } catch {
    return type()
  }
}
