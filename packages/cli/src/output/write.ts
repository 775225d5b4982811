/** Prints the answer of a command: `value` as JSON on one line with --json, else what `text` makes of it. */
export function writeAnswer(json: boolean, value: unknown, text: () => string): void {
  const answer = json ? JSON.stringify(value) : text()
  process.stdout.write(answer.endsWith('\n') ? answer : `${answer}\n`)
}

/** A remark beside the answer, on standard error, so that it never gets into a pipe. */
export function writeRemark(text: string): void {
  process.stderr.write(`${text}\n`)
}
