/** What a container has beyond it is for the page tables and sockets that count towards its limit, and not in the resident set. */
const SHARE_OF_CONTAINER = 0.9

/**
 * Bytes that the process may hold: as configured, else nine tenths of what its container has; undefined: no limit but the machine.
 *
 * @param container what `process.constrainedMemory()` says: 0, or more than the machine has, when there is no limit
 */
export function memoryLimit(
  configured: number | undefined,
  container: number,
  machine: number,
): number | undefined {
  if (configured !== undefined) return configured
  return container > 0 && container < machine ? Math.floor(container * SHARE_OF_CONTAINER) : undefined
}
