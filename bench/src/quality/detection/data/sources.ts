import { Missing } from '../../../suite.ts'
import type { CaseSource } from './case.ts'
import { machineCases, machineSets } from './machines.ts'
import { nabCases } from './nab.ts'

/** Cases of each aggregate that `quick` keeps. */
const QUICK = 2

/** Every labelled case under the folder of the data sets: `smd/`, `asd/`, `nab/`, whichever are there. */
export function caseSources(data: string, quick: boolean): CaseSource[] {
  const sources = [
    ...machineSets.flatMap(({ set, stepMs }) => machineCases(data, set, stepMs)),
    ...nabCases(data),
  ]
  if (sources.length === 0)
    throw new Missing(
      `no smd/ID.train.csv.gz, asd/ID.train.csv.gz or nab/windows.json under ${data}; name the folder of the data sets with --data or ADF_DATA`,
    )
  if (!quick) return sources
  const kept = new Map<string, number>()
  return sources.filter(({ name }) => {
    const group = name.slice(0, name.lastIndexOf('/'))
    kept.set(group, (kept.get(group) ?? 0) + 1)
    return kept.get(group)! <= QUICK
  })
}
