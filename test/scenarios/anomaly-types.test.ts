import { FEATURES, generateRows, type Row } from '@adf/demo'
import {
  anomalyType,
  type Course,
  createDetector,
  type DetectorSpec,
  familyOf,
  fitCalibration,
  follow,
  History,
} from '@adf/detectors'
import { expect, test } from 'vitest'

const DAY_MS = 86_400_000
const ROWS_A_DAY = 1440
const THRESHOLD = 0.8
/** Rows without anything seen after which an anomaly is over. */
const QUIET = 3
const TYPES = ['point', 'contextual', 'collective'] as const

const features = FEATURES.map(({ name }) => ({
  name,
  direction: 'both' as const,
  transform: name.startsWith('latency') ? ('log' as const) : ('linear' as const),
  floor: 1e-9,
}))
const specs: readonly DetectorSpec[] = [
  { kind: 'robust', features, halfLife: 1e9, minimum: 100 },
  { kind: 'seasonal', features, bins: 48, halfLife: 5000, memory: 7 },
  { kind: 'regression', features, of: 'value', span: 10, ridge: 0.05, halfLife: 1e5 },
  { kind: 'stretch', features, span: 12, halfLife: 1e5 },
]

const vectorOf = (row: Row) => Float64Array.from(row.values)

/** Learns four clean days and calibrates on two more. */
function trained(clean: readonly Row[]) {
  const known = clean.slice(0, 4 * ROWS_A_DAY)
  const history = History.of(
    known.map(vectorOf),
    known.map(({ timeMs }) => timeMs),
  )
  return specs.map((spec) => {
    const detector = createDetector(spec)
    detector.fit(history)
    const raw = clean.slice(4 * ROWS_A_DAY).map((row) => {
      const vector = vectorOf(row)
      const score = detector.score(vector, row.timeMs)
      detector.observe(vector, row.timeMs)
      return score
    })
    return { detector, calibration: fitCalibration(Float64Array.from(raw), {}) }
  })
}

interface Found {
  readonly from: number
  readonly to: number
  readonly type: string
}

function detect(members: ReturnType<typeof trained>, rows: readonly Row[]): Found[] {
  const found: Found[] = []
  let course: Course | undefined
  let from = 0
  let to = 0
  for (const [i, row] of rows.entries()) {
    const sight = { marginal: 0, contextual: 0, collective: 0 }
    const vector = vectorOf(row)
    for (const { detector, calibration } of members) {
      const family = familyOf(detector.name)
      const score = calibration.score(detector.score(vector, row.timeMs))
      sight[family] = Math.max(sight[family], score)
      detector.observe(vector, row.timeMs)
    }
    if (Math.max(...Object.values(sight)) >= THRESHOLD) {
      if (course === undefined) from = i
      course = follow(course, sight, THRESHOLD)
      to = i
    } else if (course !== undefined && i - to >= QUIET) {
      found.push({ from, to, type: anomalyType(course) })
      course = undefined
    }
  }
  if (course !== undefined) found.push({ from, to, type: anomalyType(course) })
  return found
}

/** Labelled stretches of rows. */
function labelled(rows: readonly Row[]): Found[] {
  const out: Found[] = []
  for (const [i, { type }] of rows.entries()) {
    const last = out.at(-1)
    if (type === undefined) continue
    if (last?.type === type && last.to === i - 1) out[out.length - 1] = { ...last, to: i }
    else out.push({ from: i, to: i, type })
  }
  return out
}

const overlap = (a: Found, b: Found) => Math.min(a.to, b.to) - Math.max(a.from, b.from) + 1

test('generated anomalies get the name of their type, over five seeds', () => {
  const counts = Object.fromEntries(TYPES.map((type) => [type, { all: 0, seen: 0, right: 0 }]))
  for (const seed of [1, 2, 3, 4, 5]) {
    const options = {
      service: 'checkout',
      hours: 192,
      intervalMs: DAY_MS / ROWS_A_DAY,
      seed,
      startMs: Date.UTC(2026, 0, 5),
    }
    const clean = [...generateRows({ ...options, rate: 0 })].slice(0, 6 * ROWS_A_DAY)
    const rows = [...generateRows({ ...options, rate: 0.1 })].slice(6 * ROWS_A_DAY)
    const found = detect(trained(clean), rows)
    for (const event of labelled(rows)) {
      const count = counts[event.type]!
      count.all++
      const hits = found.filter((each) => overlap(each, event) > 0)
      const [best] = hits.sort((a, b) => overlap(b, event) - overlap(a, event))
      if (best === undefined) continue
      count.seen++
      if (best.type === event.type) count.right++
    }
  }
  for (const [type, { all, seen, right }] of Object.entries(counts)) {
    expect(right / seen, `${type}: named right of those seen`).toBeGreaterThanOrEqual(0.9)
    expect(seen / all, `${type}: seen`).toBeGreaterThanOrEqual(type === 'point' ? 0.7 : 0.95)
  }
})
