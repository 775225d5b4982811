import type { Forger } from '../forger.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** In place of what should be there. */
const ODD = [null, '', 0, -1, 1e308, true, [], {}, 'constructor', '__proto__', 'ü\u0000', 'A'.repeat(10_000)]

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
/** Where a value stands. */
interface Place {
  readonly parent: Json[] | { [key: string]: Json }
  readonly key: string
}

/**
 * A message of JSON in which one thing is wrong, whose form is otherwise right: a letter, an entry that is missing, doubled, elsewhere or of another client.
 *
 * @param ids of clients that may stand where others do
 */
export function spoiltJson(body: Uint8Array, ids: readonly string[], forger: Forger): Uint8Array {
  const root: Json = JSON.parse(Buffer.from(body).toString())
  const places = placesIn(root)
  const { parent, key } = forger.oneOf(places)
  const at = parent as Record<string, Json>
  const value = at[key] ?? null
  switch (forger.below(6)) {
    case 0:
      at[key] = forger.oneOf<Json>(ODD)
      break
    case 1:
      if (Array.isArray(parent)) parent.splice(Number(key), 1)
      else delete at[key]
      break
    case 2:
      if (Array.isArray(parent)) parent.push(value)
      else at[`${key}_`] = value
      break
    case 3:
      if (Array.isArray(parent)) parent.reverse()
      else at[key] = forger.oneOf(ids)
      break
    case 4: {
      const other = forger.oneOf(places)
      const there = other.parent as Record<string, Json>
      at[key] = structuredClone(there[other.key] ?? null)
      break
    }
    default:
      at[key] = typeof value === 'string' ? otherLetter(value, forger) : forger.oneOf(ids)
  }
  return Buffer.from(JSON.stringify(root))
}

function otherLetter(text: string, forger: Forger): string {
  const at = forger.below(text.length + 1)
  return text.slice(0, at) + LETTERS[forger.below(LETTERS.length)] + text.slice(at + 1)
}

function placesIn(value: Json): Place[] {
  if (value === null || typeof value !== 'object') return []
  return Object.keys(value).flatMap((key) => [
    { parent: value, key },
    ...placesIn((value as Record<string, Json>)[key] ?? null),
  ])
}

/** Words of a masked input, of another length or of numbers that arithmetic goes wrong at. */
export function spoiltWords(body: Uint8Array, forger: Forger): Uint8Array {
  switch (forger.below(4)) {
    case 0:
      return body.subarray(0, forger.below(body.length))
    case 1:
      return Buffer.concat([body, Buffer.alloc(1 + forger.below(64), 255)])
    case 2:
      return Buffer.alloc(body.length, forger.oneOf([0, 127, 128, 255]))
    default:
      return overwritten(body, forger)
  }
}

function overwritten(body: Uint8Array, forger: Forger): Uint8Array {
  const copy = Uint8Array.from(body)
  const from = forger.below(copy.length)
  return copy.fill(forger.oneOf([0, 127, 128, 255]), from, from + 1 + forger.below(64))
}
