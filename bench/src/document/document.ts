import type { Result } from '../results/result.ts'
import { TemplateError } from './figure.ts'
import { fillTable } from './table.ts'

/** Stands over a table's template: the results that it is made of. */
const FIGURES = /^<!-- figures ([\w. -]+?) -->$/
/** Stands where the runs that the document is made of are listed. */
const RUNS = '<!-- runs -->'

export interface Section {
  /** Its file, for messages. */
  readonly name: string
  readonly text: string
}

/** The document: sections in their order, tables filled from results. Throws TemplateError for a table that is not made of results, and for results that no table shows. */
export function renderDocument(sections: readonly Section[], results: ReadonlyMap<string, Result>): string {
  const shown = new Set<string>()
  const texts = sections.map(({ name, text }) => {
    try {
      return renderSection(text, results, shown)
    } catch (error) {
      if (error instanceof TemplateError) throw new TemplateError(`${name}: ${error.message}`)
      throw error
    }
  })
  const hidden = [...results.keys()].filter((name) => !shown.has(name))
  if (hidden.length > 0) throw new TemplateError(`no section shows the results ${hidden.join(', ')}`)
  return `${texts.join('\n\n')}\n`
}

function renderSection(text: string, results: ReadonlyMap<string, Result>, shown: Set<string>): string {
  const lines = text.trim().split('\n')
  const out: string[] = []
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const names = FIGURES.exec(line)?.[1]?.split(' ')
    if (line === RUNS) out.push(...runs(results))
    else if (names !== undefined) {
      const table = tableAt(lines, i + 1)
      for (const name of names) shown.add(name)
      out.push(...fillTable(table, names, results))
      i += table.length
    } else if (line.startsWith('|')) throw new TemplateError(`a table typed by hand: ${line}`)
    else out.push(line)
  }
  return out.join('\n')
}

function tableAt(lines: readonly string[], from: number): string[] {
  const length = lines.slice(from).findIndex((line) => !line.startsWith('|'))
  return lines.slice(from, length < 0 ? undefined : from + length)
}

function runs(results: ReadonlyMap<string, Result>): string[] {
  return [
    '| Result | Command | Day | Version | Machine |',
    '|---|---|---|---|---|',
    ...[...results].map(
      ([name, { command, date, commit, machine, conditions, runs: count }]) =>
        `| [${name}](../bench/results/${name}.json) | \`${command}\`${count > 1 ? `, ${count} times` : ''} | ${date} | ${commit ?? ''} | ${machine}${conditions === undefined ? '' : `; ${conditions}`} |`,
    ),
  ]
}
