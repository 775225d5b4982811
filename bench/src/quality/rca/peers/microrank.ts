/** Operations by name with how often the trace ran them, and its duration. */
export interface OperationTrace {
  readonly operations: ReadonlyMap<string, number>
  /** Caller and callee operations, once each. */
  readonly calls: readonly (readonly [string, string])[]
  readonly durationMs: number
}

/** Mean and standard deviation of the duration of each operation in normal operation, ms. */
export type NormalDurations = ReadonlyMap<string, { readonly mean: number; readonly deviation: number }>

const DAMPING = 0.85
const ROUNDS = 25
/** Weight of the calls beside the coverage of traces, and standard deviations that a trace may take longer. */
const CALLS = 0.01
const DEVIATIONS = 1.5

/**
 * MicroRank (Yu et al.: "MicroRank: End-to-End Latency Issue Localization with Extended Spectrum Analysis in Microservice
 * Environments", WWW 2021). A trace is abnormal when it takes longer than its operations are expected to, each at its mean
 * plus 1.5 standard deviations. A personalised PageRank over operations and traces, once over the abnormal and once over
 * the normal ones, weighs the spectrum of each operation, which Ochiai's formula ranks. Operations, best first.
 */
export function microrank(traces: readonly OperationTrace[], normal: NormalDurations): string[] {
  const abnormal: OperationTrace[] = []
  const fine: OperationTrace[] = []
  for (const trace of traces) (trace.durationMs > expected(trace, normal) ? abnormal : fine).push(trace)
  if (abnormal.length === 0) return []
  const [blamed, cleared] = [weights(abnormal, true), weights(fine, false)]
  const [ofAbnormal, ofFine] = [coverage(abnormal), coverage(fine)]
  const scores = new Map<string, number>()
  for (const operation of new Set([...ofAbnormal.keys(), ...ofFine.keys()])) {
    const p = blamed.get(operation) ?? 0
    const q = cleared.get(operation) ?? 0
    const ef = p * (ofAbnormal.get(operation) ?? 0)
    const nf = p * (abnormal.length - (ofAbnormal.get(operation) ?? 0))
    const ep = q * (ofFine.get(operation) ?? 0)
    const bottom = Math.sqrt((ef + nf) * (ef + ep))
    scores.set(operation, bottom > 0 ? ef / bottom : 0)
  }
  return Array.from(scores)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([operation]) => operation)
}

function expected({ operations }: OperationTrace, normal: NormalDurations): number {
  let sum = 0
  for (const [operation, count] of operations) {
    const known = normal.get(operation)
    if (known !== undefined) sum += count * (known.mean + DEVIATIONS * known.deviation)
  }
  return sum
}

function coverage(traces: readonly OperationTrace[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { operations } of traces)
    for (const operation of operations.keys()) counts.set(operation, (counts.get(operation) ?? 0) + 1)
  return counts
}

/**
 * PageRank scores of the operations, spread over those that ran in these traces. Abnormal traces are preferred the more,
 * the fewer operations they have and the rarer their kind is.
 */
function weights(traces: readonly OperationTrace[], rare: boolean): Map<string, number> {
  const names = [...coverage(traces).keys()]
  if (names.length === 0) return new Map()
  const index = new Map(names.map((name, i) => [name, i]))
  const runs = traces.map(({ operations }) => [...operations.keys()].map((name) => index.get(name)!))
  const kinds = Map.groupBy(runs.keys(), (at) => runs[at]!.toSorted((a, b) => a - b).join(' '))
  const kindSize = new Float64Array(traces.length)
  for (const members of kinds.values()) for (const at of members) kindSize[at] = members.length
  const covered = new Float64Array(names.length)
  for (const run of runs) for (const at of run) covered[at]!++
  const callees: Set<number>[] = names.map(() => new Set())
  for (const { calls } of traces)
    for (const [from, to] of calls) callees[index.get(from)!]?.add(index.get(to)!)
  const preference = preferences(runs, kindSize, rare)
  let ranks = new Float64Array(names.length).fill(1 / (names.length + runs.length))
  let ofTraces = new Float64Array(runs.length).fill(1 / (names.length + runs.length))
  for (let round = 0; round < ROUNDS; round++) {
    const nextRanks = new Float64Array(names.length)
    const nextTraces = new Float64Array(runs.length)
    for (const [trace, run] of runs.entries()) {
      for (const at of run) {
        nextRanks[at]! += (DAMPING * ofTraces[trace]!) / run.length
        nextTraces[trace]! += (DAMPING * ranks[at]!) / covered[at]!
      }
      nextTraces[trace]! += (1 - DAMPING) * preference[trace]!
    }
    for (const [from, to] of callees.entries())
      for (const at of to) nextRanks[at]! += (DAMPING * CALLS * ranks[from]!) / to.size
    ranks = scaled(nextRanks)
    ofTraces = scaled(nextTraces)
  }
  const total = ranks.reduce((sum, rank) => sum + rank, 0)
  return new Map(names.map((name, i) => [name, (ranks[i]! * total) / names.length]))
}

function preferences(
  runs: readonly (readonly number[])[],
  kindSize: Float64Array,
  rare: boolean,
): Float64Array {
  const short = runs.map((run) => 1 / run.length)
  const sum = short.reduce((total, value) => total + value, 0)
  const rarity = Array.from(kindSize, (size) => 1 / size)
  const raritySum = rarity.reduce((total, value) => total + value, 0)
  return Float64Array.from(runs, (_, at) =>
    rare ? (short[at]! / sum) * 0.5 + (rarity[at]! / raritySum) * 0.5 : rarity[at]! / raritySum,
  )
}

function scaled(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const most = values.reduce((a, b) => Math.max(a, b), 0)
  return most > 0 ? values.map((value) => value / most) : values
}
