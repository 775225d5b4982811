import { terminalJson, terminalText } from './terminal-text.ts'

/** Prints the answer of a command: `value` as JSON on one line with --json, else what `text` makes of it. */
export function writeAnswer(json: boolean, value: unknown, text: () => string): void {
  if (json) process.stdout.write(`${terminalJson(JSON.stringify(value))}\n`)
  else writeText(text())
}

/** Prints text, with a line end. */
export function writeText(text: string): void {
  const shown = terminalText(text)
  process.stdout.write(shown.endsWith('\n') ? shown : `${shown}\n`)
}

/** A remark beside the answer, on standard error, so that it never gets into a pipe. */
export function writeRemark(text: string): void {
  process.stderr.write(`${terminalText(text)}\n`)
}
