import type { Rng } from '@adf/detectors'

const below = (rng: Rng, count: number): number => Math.floor(rng() * count)

/** Names that are keys of every object of JavaScript, or of none. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '\u0000',
  'é',
  '0',
  '-1',
]

/** Text that something somewhere takes for more than text. */
const TEXTS = [
  ...NAMES,
  'NaN',
  '-Infinity',
  '1e400',
  '9223372036854775808',
  '../../etc/passwd',
  '%2e%2e%2f',
  '{{ .Labels }}',
  '=1+1',
  '\u001b[31m',
  '\ud800',
  '\u202e',
  "'; DROP TABLE anomalies; --",
  '<script>alert(1)</script>',
  'a'.repeat(5000),
  '2026-02-30T25:61:61Z',
  '0000-00-00',
  `${'9'.repeat(400)}`,
]

const NUMBERS = [
  0,
  -0,
  -1,
  1e308,
  -1e308,
  5e-324,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 63,
  2 ** 64,
  -(2 ** 63),
  0.5,
]

/** Deeper than any honest message. */
const DEPTH = 200

/**
 * The same JSON with one to three of its values or keys made others: extremes, other kinds, names that objects have by themselves, deep nesting,
 * keys twice, gone or renamed. What it is made of stays as it was.
 */
export function mutatedJson(json: unknown, rng: Rng): unknown {
  let changed = json
  for (let times = 1 + below(rng, 3); times > 0; times--) changed = descend(changed, rng)
  return changed
}

function descend(json: unknown, rng: Rng): unknown {
  if (typeof json !== 'object' || json === null || rng() < 0.1) return odd(json, rng)
  if (Array.isArray(json)) {
    const items: unknown[] = [...json]
    if (items.length === 0 || rng() < 0.1) return [...items, odd(items[0], rng)]
    const at = below(rng, items.length)
    if (rng() < 0.1) return [...items, ...items]
    return items.with(at, descend(items[at], rng))
  }
  const entries: [string, unknown][] = Object.entries(json)
  const at = below(rng, entries.length)
  const entry = entries[at]
  const what = rng()
  if (entry === undefined || what < 0.08) entries.push([any(NAMES, rng), odd(undefined, rng)])
  else if (what < 0.14) entries.splice(at, 1)
  else if (what < 0.2) entries[at] = [any(NAMES, rng), entry[1]]
  else entries[at] = [entry[0], descend(entry[1], rng)]
  // Makes `__proto__` a key like any other.
  return Object.fromEntries(entries)
}

function odd(value: unknown, rng: Rng): unknown {
  switch (below(rng, 9)) {
    case 0:
      return null
    case 1:
      return any(NUMBERS, rng)
    case 2:
      return String(any(NUMBERS, rng))
    case 3:
      return rng() < 0.5
    case 4:
      return [value ?? null]
    case 5:
      return Object.fromEntries([[any(NAMES, rng), value ?? null]])
    case 6:
      return deep(value ?? null, rng)
    default:
      return any(TEXTS, rng)
  }
}

function deep(innermost: unknown, rng: Rng): unknown {
  let value = innermost
  const [list, key] = [rng() < 0.5, any(['values', 'arrayValue', 'kvlistValue', 'a'], rng)]
  for (let depth = below(rng, DEPTH); depth > 0; depth--) value = list ? [value] : { [key]: value }
  return value
}

/** One of the texts, for places that hold nothing else: parts of a path, values of a query. */
export const oddText = (rng: Rng): string => any(TEXTS, rng)

function any<T>(choices: readonly T[], rng: Rng): T {
  const chosen = choices[below(rng, choices.length)]
  if (chosen === undefined) throw new RangeError('nothing to choose from')
  return chosen
}
