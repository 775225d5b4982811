import type { Row } from '../../suite.ts'

/** One fault, and the services that each method names, best first. */
export interface Judged {
  readonly name: string
  /** Kind of fault, as its data set calls it. */
  readonly type: string
  /** The service at fault. */
  readonly cause: string
  readonly named: ReadonlyMap<string, readonly string[]>
}

const DEPTHS = [1, 3, 5]

/** Share of faults whose service is among the first k (AS@k): of the whole folder, and of each type of fault. */
export function accuracyRows(folder: string, judged: readonly Judged[]): Row[] {
  const types = Map.groupBy(judged, ({ type }) => type)
  return [
    ...rowsOf(`${folder}:mean`, judged),
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
