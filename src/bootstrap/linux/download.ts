import { asciiQuoted } from '../shell.ts'
import type { Download, Downloads } from './types.ts'

/**
 * bash: `download WHAT URL SHOWN SHA256 FILE` fetches, verifies and tries again, `attempts` times; a file that does
 * not verify never stays. Ends the boot with the last cause.
 */
export function downloadLibrary({ attempts, pauseMs }: { attempts: number; pauseMs: number }): string {
  return `download() {
  local attempt fault sum
  for ((attempt = 1; attempt <= ${attempts}; attempt++)); do
    [ "$attempt" = 1 ] || sleep "$(((attempt - 1) * ${pauseMs} / 1000))"
    if fault=$(http GET "$2" "$5" 2>&1); then
      sum=$(sha256sum "$5")
      sum=\${sum%% *}
      [ "$sum" != "$4" ] || return 0
      fault="its SHA-256 is $sum, not $4"
    fi
    rm -f "$5"
  done
  fail "no $1 from $3 in ${attempts} attempts: \${fault##*$'\\n'}"
}
`
}

/** bash that sets `url`, `shown` and `sha256` for the guest's own architecture, or ends the boot. */
export function chooseDownload(what: string, { x86_64, arm64 }: Downloads): string {
  const rows = [
    ...(x86_64 ? [`  x86_64) ${assigned(x86_64)} ;;`] : []),
    ...(arm64 ? [`  aarch64 | arm64) ${assigned(arm64)} ;;`] : []),
  ]
  return `case $(uname -m) in
${rows.join('\n')}
  *) fail "no ${what} is configured for $(uname -m)" ;;
esac`
}

function assigned({ url, sha256 }: Download): string {
  return `url=${asciiQuoted(url)} shown=${asciiQuoted(withoutSecrets(url))} sha256=${asciiQuoted(sha256)}`
}

/** A mirror's URL may hold a password, or a signature in its query. */
export function withoutSecrets(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, '$1').replace(/[?#].*$/s, '')
}
