/** What each shell is given once. All ask `agentctl complete` at each key, so a script is good for any version. */
export const completionScripts: Readonly<Record<'bash' | 'zsh' | 'fish', string>> = {
  bash: `_agentctl() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _agentctl agentctl
`,
  zsh: `#compdef agentctl
_agentctl() {
  local line value
  local -a found
  while IFS= read -r line; do
    value="\${line%%$'\\t'*}"
    found+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe -t values agentctl found
  else
    _files
  fi
}
if [ "\${funcstack[1]}" = _agentctl ]; then
  _agentctl "$@"
else
  compdef _agentctl agentctl
fi
`,
  fish: `function __agentctl_complete
  set -l before (commandline -opc)
  set -l current (commandline -ct)
  set -l found ($before[1] complete -- $before[2..-1] "$current" 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path "$current"
  end
end
complete -c agentctl -f -a '(__agentctl_complete)'
`,
}
