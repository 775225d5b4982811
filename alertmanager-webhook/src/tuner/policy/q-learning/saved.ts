import type { Json } from '../../policy.ts'
import { MOVES, type Move, STATES } from './state.ts'
import { QTable } from './table.ts'

/** A proposal whose outcome is still to be learned from. */
export interface Pending {
  readonly state: number
  readonly action: Move
  readonly from: number
  readonly atMinute: number
}

/** What the entities of a kind learn together. */
export interface Kind {
  readonly table: QTable
  /** Verdicts there were when it was last taught by replay. */
  replayed: number
  /** By entity. */
  readonly pending: Map<string, Pending>
}

export const saveKinds = (kinds: ReadonlyMap<string, Kind>): Json =>
  [...kinds].map(([name, { table, replayed, pending }]) => [
    name,
    table.save(),
    replayed,
    [...pending].map(([key, { state, action, from, atMinute }]) => [key, state, action, from, atMinute]),
  ])

/** What was saved, or undefined for anything else. */
export function readKinds(saved: Json): Map<string, Kind> | undefined {
  if (!Array.isArray(saved)) return undefined
  const kinds = new Map<string, Kind>()
  for (const one of saved) {
    if (!Array.isArray(one)) return undefined
    const [name, values, replayed, waiting] = one
    const table = QTable.read(values)
    const pending = readPending(waiting)
    if (typeof name !== 'string' || typeof replayed !== 'number') return undefined
    if (table === undefined || pending === undefined) return undefined
    kinds.set(name, { table, replayed, pending })
  }
  return kinds
}

function readPending(saved: Json | undefined): Map<string, Pending> | undefined {
  if (!Array.isArray(saved)) return undefined
  const pending = new Map<string, Pending>()
  for (const one of saved) {
    if (!Array.isArray(one)) return undefined
    const [key, state, name, from, atMinute] = one
    const action = MOVES.find((each) => each === name)
    if (typeof key !== 'string' || typeof state !== 'number' || STATES[state] === undefined) return undefined
    if (action === undefined || typeof from !== 'number' || typeof atMinute !== 'number') return undefined
    pending.set(key, { state, action, from, atMinute })
  }
  return pending
}
