/** What `adf` exits with; documented in `adf --help`. */
export const exitStatus = { ok: 0, failed: 1, usage: 2 } as const

/** The thing asked about failed: a check that is not passed, a server that is not there. Exit status 1, without a stack. */
export class CommandFailed extends Error {
  override name = 'CommandFailed'
}

/** The command was called wrongly in a way that commander cannot know. Exit status 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}
