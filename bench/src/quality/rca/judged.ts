import type { Row } from '../../suite.ts'

/** One fault, and the services that each method names, best first. */
export interface Judged {
  readonly name: string
  /** Kind of fault, as its data set calls it. */
  readonly type: string
  /** The service at fault. */
  readonly cause: string
  readonly named: ReadonlyMap<string, readonly string[]>
  /** Of the services that ADF names, in their order. */
  readonly probabilities: readonly number[]
}

const DEPTHS = [1, 3, 5]

/** Share of faults whose service is among the first k (AS@k): of the whole folder, and of each type of fault. */
export function accuracyRows(folder: string, judged: readonly Judged[]): Row[] {
  const types = Map.groupBy(judged, ({ type }) => type)
  return [
    ...rowsOf(`${folder}:mean`, judged),
    ...probabilityRows(`${folder}:mean`, judged),
    ...Array.from(types).flatMap(([type, of]) => rowsOf(`${folder}/${type}`, of)),
  ]
}

function rowsOf(name: string, judged: readonly Judged[]): Row[] {
  const subjects = [...new Set(judged.flatMap(({ named }) => [...named.keys()]))]
  return subjects.flatMap((subject) =>
    DEPTHS.map((depth) => ({
      suite: 'quality',
      case: name,
      subject,
      measure: `as@${depth}`,
      value: shareWithin(judged, subject, depth),
    })),
  )
}

/** Share of faults whose service a method names among the first `depth`; of those that it could judge. */
export function shareWithin(judged: readonly Judged[], subject: string, depth: number): number {
  const answers = judged.flatMap(({ cause, named }) => {
    const services = named.get(subject)
    return services === undefined ? [] : [services.slice(0, depth).includes(cause)]
  })
  return answers.filter(Boolean).length / answers.length
}

const BINS = 5

/**
 * How far the probabilities of all named causes can be taken at their word: Brier score (mean squared distance from what was so, 0 or 1), and the
 * expected calibration error (mean distance between probability and share of hits in five bins of width .2, weighted by their size; C. Guo et al. 2017).
 */
export function probabilityRows(name: string, judged: readonly Judged[]): Row[] {
  const told = judged.flatMap(({ cause, named, probabilities }) =>
    probabilities.map((probability, at) => ({ probability, hit: named.get('adf')?.[at] === cause ? 1 : 0 })),
  )
  const bins = Map.groupBy(told, ({ probability }) => Math.min(BINS - 1, Math.floor(BINS * probability)))
  let [brier, error] = [0, 0]
  for (const bin of bins.values()) {
    let off = 0
    for (const { probability, hit } of bin) {
      brier += (probability - hit) ** 2
      off += probability - hit
    }
    error += Math.abs(off)
  }
  return Object.entries({ brier: brier / told.length, calibration_error: error / told.length }).map(
    ([measure, value]) => ({ suite: 'quality', case: name, subject: 'adf', measure, value }),
  )
}
