/**
 * A service cannot start for a reason that its operator can mend, such as a port that is taken. The message is for that person:
 * what, where and what to do. A stack or a log line would only hide it.
 */
export class StartFault extends Error {
  override name = 'StartFault'
}

/** The start fault behind an error, through its causes; undefined when it is of another kind. */
export function startFaultOf(error: unknown): StartFault | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof StartFault) return at
  return undefined
}
