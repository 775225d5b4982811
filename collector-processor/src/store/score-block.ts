export const MINUTE_MS = 60_000
export const BLOCK_MINUTES = 360
export const BLOCK_MS = BLOCK_MINUTES * MINUTE_MS
/** Level of a minute in which nothing was scored. */
export const NO_LEVEL = 255
/** Levels are hundredths of a severity, rounded down, so that a threshold of two digits is reached by the level when it is by the severity. */
const LEVELS = 100
const HIGHEST = 2 * LEVELS
/** 0.29 × 100 is a little less than 29. */
const ROUNDING = 1e-9

/** Six hours of one entity: the largest severity of each minute as a level, a byte each. */
export interface ScoreBlock {
  readonly stream: string
  readonly entityId: string
  /** A multiple of BLOCK_MS. */
  readonly beginMs: number
  readonly levels: Uint8Array
}

/** @throws RangeError when these are no levels of a block */
export function checkedLevels(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== BLOCK_MINUTES || bytes.some((level) => level > HIGHEST && level !== NO_LEVEL))
    throw new RangeError(`no block of severities: ${bytes.length} bytes`)
  return bytes
}

export function levelOf(severity: number): number {
  return Math.min(HIGHEST, Math.floor(severity * LEVELS + ROUNDING))
}

function severityOf(level: number): number | null {
  return level === NO_LEVEL ? null : level / LEVELS
}

/** The larger of two levels. */
function higher(a: number, b: number): number {
  if (a === NO_LEVEL) return b
  return b === NO_LEVEL || a > b ? a : b
}

/** Takes over what is larger there, or only there. @param into changed */
export function mergeLevels(into: Uint8Array, from: Uint8Array): void {
  for (let i = 0; i < into.length; i++) into[i] = higher(into[i]!, from[i] ?? NO_LEVEL)
}

/** A value for each minute from that of `fromMs` to before `toMs`; blocks may be there twice, and the larger counts. */
export function severitiesBetween(
  blocks: Iterable<Pick<ScoreBlock, 'beginMs' | 'levels'>>,
  fromMs: number,
  toMs: number,
): (number | null)[] {
  const first = Math.floor(fromMs / MINUTE_MS)
  const levels = new Uint8Array(Math.max(0, Math.ceil(toMs / MINUTE_MS) - first)).fill(NO_LEVEL)
  for (const block of blocks) {
    const offset = block.beginMs / MINUTE_MS - first
    const end = Math.min(block.levels.length, levels.length - offset)
    for (let i = Math.max(0, -offset); i < end; i++)
      levels[offset + i] = higher(levels[offset + i]!, block.levels[i]!)
  }
  return Array.from(levels, severityOf)
}
