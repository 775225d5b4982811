/** A directed step of blame: from who suffers to who may be the cause. */
export interface Step {
  readonly client: string
  readonly server: string
}

/** Probability to go on walking instead of starting again at the evidence. */
const DAMPING = 0.5
/** Weight of a step back, from callee to caller, beside a step forward. */
const BACKWARD = 0.2
const ROUNDS = 100
const CLOSE = 1e-10

/**
 * Personalised PageRank over the anomalous part of the graph (after MicroRCA, NOMS 2020, and MonitorRank, SIGMETRICS
 * 2013): a walker starts at a service in proportion to its evidence, goes from caller to callee in proportion to the
 * callee's evidence, now and then back, and stays where it is in so far as that service has more evidence than all its
 * neighbours. Own power iteration, since no PageRank on npm knows both personalisation and edge weights
 * that depend on the end. `evidence` has the anomalous services only, with positive weights. The result sums to 1.
 */
export function walk(evidence: ReadonlyMap<string, number>, steps: readonly Step[]): Map<string, number> {
  const names = [...evidence.keys()]
  const index = new Map(names.map((name, i) => [name, i]))
  const weight = Float64Array.from(evidence.values())
  const total = weight.reduce((sum, w) => sum + w, 0)
  const out: Map<number, number>[] = names.map(() => new Map())
  for (const { client, server } of steps) {
    const from = index.get(client)
    const to = index.get(server)
    if (from === undefined || to === undefined || from === to) continue
    raise(out[from]!, to, weight[to]!)
    raise(out[to]!, from, BACKWARD * weight[from]!)
  }
  out.forEach((targets, i) => {
    let best = 0
    for (const w of targets.values()) best = Math.max(best, w)
    raise(targets, i, Math.max(weight[i]! - best, targets.size === 0 ? 1 : 0))
  })
  let rank = weight.map((w) => w / total)
  for (let round = 0; round < ROUNDS; round++) {
    const next = weight.map((w) => ((1 - DAMPING) * w) / total)
    out.forEach((targets, i) => {
      let sum = 0
      for (const w of targets.values()) sum += w
      for (const [to, w] of targets) next[to] = next[to]! + (DAMPING * rank[i]! * w) / sum
    })
    let change = 0
    next.forEach((value, i) => {
      change += Math.abs(value - rank[i]!)
    })
    rank = next
    if (change < CLOSE) break
  }
  return new Map(names.map((name, i) => [name, rank[i]!]))
}

function raise(targets: Map<number, number>, to: number, weight: number): void {
  targets.set(to, Math.max(targets.get(to) ?? 0, weight))
}
