import type { Result } from '../results/result.ts'
import { type Bound, fillFigures, TemplateError } from './figure.ts'

/** `{case}`, `{subject}`, or either with patterns: the line is repeated for each that fits. */
const REPEATED = /\{(case|subject)((?:\s+[^{}\s]+)*)\}/
const FIGURE = /\{[^{}]+\}/

/**
 * A table's template with its figures. Its first result says what a line with `{case}` or `{subject}` is repeated for, in its order; patterns choose among them: `*` stands for anything,
 * one that begins with `!` leaves out. Throws TemplateError, also for a line without any figure.
 */
export function fillTable(
  template: readonly string[],
  names: readonly string[],
  all: ReadonlyMap<string, Result>,
): string[] {
  const results = new Map(names.map((name) => [name, resultOf(name, all)]))
  const [head = '', rule = '', ...body] = template
  const lines = body.flatMap((line) => {
    if (!FIGURE.test(line)) throw new TemplateError(`a line of a table without a figure: ${line}`)
    const [whole, what, patterns = ''] = REPEATED.exec(line) ?? []
    if (whole === undefined || (what !== 'case' && what !== 'subject'))
      return [fillFigures(line, results, {})]
    const found = namesOf(what, results.get(names[0] ?? ''), patterns.trim())
    if (found.length === 0) throw new TemplateError(`${whole} (${names.join(', ')}): there is none`)
    return found.map((name) => {
      const bound: Bound = { [what]: name }
      return fillFigures(line.replaceAll(whole, name), results, bound)
    })
  })
  return [head, rule, ...lines]
}

function resultOf(name: string, all: ReadonlyMap<string, Result>): Result {
  const result = all.get(name)
  if (result === undefined) throw new TemplateError(`there is no result ${name}`)
  return result
}

function namesOf(what: 'case' | 'subject', result: Result | undefined, patterns: string): string[] {
  const given = patterns === '' ? [] : patterns.split(/\s+/)
  const without = given.filter((each) => each.startsWith('!')).map((each) => fitting(each.slice(1)))
  const wanted = given.filter((each) => !each.startsWith('!')).map(fitting)
  const names = new Set(result?.rows.map((row) => row[what]))
  return [...names].filter(
    (name) =>
      (wanted.length === 0 || wanted.some((each) => each.test(name))) &&
      !without.some((each) => each.test(name)),
  )
}

const fitting = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)
