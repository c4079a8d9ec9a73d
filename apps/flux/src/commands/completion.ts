import { type Command, defineCommand, defineGroup } from '../command/command.ts';

const bash = `# bash completion for flux
__flux_complete() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}") out line
  [ "\${#words[@]}" -lt "\${COMP_CWORD}" ] && words+=("")
  out=$("\${COMP_WORDS[0]}" __complete "\${words[@]}" 2>/dev/null) || return
  local directive=\${out##*:}
  out=\${out%:*}
  COMPREPLY=()
  while IFS= read -r line; do
    [ -n "$line" ] && COMPREPLY+=("\${line%%$'\\t'*}")
  done <<< "$out"
  if [ "\${#COMPREPLY[@]}" -eq 0 ] && [ "$directive" -eq 0 ]; then
    COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
  fi
}
complete -F __flux_complete flux
`;

const zsh = `#compdef flux
compdef _flux flux
# zsh completion for flux
_flux() {
  local -a candidates
  local out line name directive
  out=$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null) || return
  directive=\${out##*:}
  out=\${out%:*}
  while IFS= read -r line; do
    [ -z "$line" ] && continue
    name=\${line%%$'\\t'*}
    if [ "$name" = "$line" ]; then
      candidates+=("\${name//:/\\\\:}")
    else
      candidates+=("\${name//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done <<< "$out"
  if [ \${#candidates} -gt 0 ]; then
    _describe -V 'flux' candidates
  elif [ "$directive" -eq 0 ]; then
    _files
  fi
}
if [ "$funcstack[1]" = "_flux" ]; then
  _flux
fi
`;

const fish = `# fish completion for flux
function __flux_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] __complete $words[2..-1] 2>/dev/null | string match -v -r '^:[0-9]+$'
end
complete -c flux -e
complete -c flux -f -a '(__flux_complete)'
`;

const powershell = `# powershell completion for flux
Register-ArgumentCompleter -Native -CommandName 'flux' -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '""' }
  & $commandAst.CommandElements[0].ToString() __complete @words 2>$null |
    Where-Object { $_ -notmatch '^:\\d+$' } |
    ForEach-Object {
      $name, $about = $_ -split "\`t", 2
      if (-not $about) { $about = $name }
      [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $about)
    }
}
`;

/** `flux completion <shell>`: prints a script that asks `flux __complete`. */
export const completion = defineGroup({
  doc: 'The completion sub-command generates completion scripts for various shells.',
  children: [
    shell('bash', bash, '. <(flux completion bash)'),
    shell('fish', fish, 'flux completion fish | source'),
    shell('powershell', powershell, 'flux completion powershell | Out-String | Invoke-Expression'),
    shell('zsh', zsh, '. <(flux completion zsh)'),
  ],
});

function shell(name: string, script: string, usage: string) {
  const command: Command = defineCommand({
    doc: `Generates the completion script of ${name}.`,
    example: `  # Load it into the running shell\n  ${usage}`,
    anyNamespace: true,
    async run({ out }) {
      out.data(script);
    },
  });
  return { name, summary: `Generates ${name} completion scripts`, load: async () => command };
}
