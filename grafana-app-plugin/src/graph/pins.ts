import type { Places, Point } from './layout.ts'

// biome-ignore lint/style/noRestrictedGlobals: where one has put nodes is of this browser alone, and the key is named after the plugin
export const browserStorage = (): Storage => localStorage

const KEY = 'adf-graph-pins'
/** The oldest give way. */
const MOST = 500

/** Where one has put nodes by hand, in this browser. Where it keeps nothing, they live as long as the page. */
export function readPins(storage: Storage): Places {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? '[]')
    if (!Array.isArray(kept)) return new Map()
    return new Map(kept.filter(isPin).slice(-MOST))
  } catch {
    return new Map()
  }
}

export function keepPins(storage: Storage, pins: Places): void {
  try {
    if (pins.size === 0) storage.removeItem(KEY)
    else storage.setItem(KEY, JSON.stringify([...pins].slice(-MOST)))
  } catch {
    // A full or forbidden storage: the page still has them.
  }
}

function isPin(value: unknown): value is [string, Point] {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false
  const place: unknown = value[1]
  if (typeof place !== 'object' || place === null) return false
  return Number.isFinite(Reflect.get(place, 'x')) && Number.isFinite(Reflect.get(place, 'y'))
}
