import { describe } from 'vitest'

const inCi = process.env['CI'] !== undefined && process.env['CI'] !== ''

/** `describe`, skipped with the reason in its name when something is missing (`missing` says what and how to get it), but never in CI. */
export function describeWith(missing: string | undefined, name: string, tests: () => void): void {
  if (missing === undefined || inCi) describe(name, tests)
  else describe.skip(`${name} (skipped: ${missing})`, tests)
}
