import type { Result, ResultRow } from '../results/result.ts'

/** A template asks for a figure that is not in the results, or in a way that is not known. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
}

const FIGURE = /\{([^{}]+)\}/g
const OF_ROW = /^(min|max)\((.+)\)$/

/** What the line stands for, where it is repeated. */
export type Bound = { readonly case?: string; readonly subject?: string }

/**
 * Replaces each `{[NAME ...] MEASURE[?] [/ [NAME ...] MEASURE] [:FORMAT]}` of a text by the figure. A NAME is a case, a subject or a result; together with what is bound they
 * must leave one row. `min(MEASURE)` and `max(MEASURE)`: of the runs; `?`: nothing where there is none. Throws TemplateError.
 */
export function fillFigures(text: string, results: ReadonlyMap<string, Result>, bound: Bound): string {
  return text.replaceAll(FIGURE, (whole, inner: string) => {
    const { terms, format } = parseFigure(inner)
    const [first, second] = terms.map((term) => figureOf(term, results, bound, whole))
    if (first === undefined) return ''
    return formatFigure(second === undefined ? first : first / second, format)
  })
}

function parseFigure(inner: string): { terms: string[][]; format: string } {
  const tokens = inner.trim().split(/\s+/)
  const format = tokens.at(-1)?.startsWith(':') ? (tokens.pop() ?? '').slice(1) : ''
  const slash = tokens.indexOf('/')
  return { terms: slash < 0 ? [tokens] : [tokens.slice(0, slash), tokens.slice(slash + 1)], format }
}

function figureOf(
  term: readonly string[],
  results: ReadonlyMap<string, Result>,
  bound: Bound,
  whole: string,
): number | undefined {
  const asked = term.at(-1) ?? ''
  const optional = asked.endsWith('?')
  const [, part, inner] = OF_ROW.exec(optional ? asked.slice(0, -1) : asked) ?? []
  const measure = inner ?? (optional ? asked.slice(0, -1) : asked)
  const names = term.slice(0, -1)
  const isMeant = (result: string, row: ResultRow) =>
    row.measure === measure &&
    (bound.case ?? row.case) === row.case &&
    (bound.subject ?? row.subject) === row.subject &&
    names.every((name) => name === result || name === row.case || name === row.subject)
  const found = [...results].flatMap(([name, { rows }]) => rows.filter((row) => isMeant(name, row)))
  if (found.length === 0 && optional) return undefined
  const place = `${whole} (${[...results.keys(), ...Object.values(bound)].join(', ')})`
  const [row] = found
  if (row === undefined) throw new TemplateError(`${place}: there is no such figure`)
  if (found.length > 1) throw new TemplateError(`${place}: ${found.length} figures; name the case or subject`)
  const value = part === 'min' ? row.min : part === 'max' ? row.max : row.value
  if (value === undefined || value === null)
    throw new TemplateError(`${place}: the row has no ${part ?? 'finite value'}`)
  return value
}

/**
 * `N`: so many decimals; `.N`: the same without a leading zero; `N%`: as a percentage; `pN`: so many significant digits; `promise`: two significant digits, bold when it is off 1 by
 * more than a factor of two; `yes`: yes for 1, no for 0; nothing: three significant digits, whole from 1,000.
 */
function formatFigure(value: number, format: string): string {
  const decimals = (count: number, of = value) =>
    of.toLocaleString('en-US', { minimumFractionDigits: count, maximumFractionDigits: count })
  if (format === '') return Math.abs(value) >= 1000 ? decimals(0) : `${Number(value.toPrecision(3))}`
  if (format === 'yes') return value === 1 ? 'yes' : 'no'
  if (format === 'promise') {
    const text = value.toPrecision(2)
    return value > 2 || value < 0.5 ? `**${text}**` : text
  }
  const [, dot, digits = '', kind] = /^(\.|p)?(\d)(%)?$/.exec(format) ?? []
  if (digits === '') throw new TemplateError(`:${format}: there is no such format`)
  if (kind === '%') return `${decimals(Number(digits), 100 * value)} %`
  if (dot === 'p') return value.toPrecision(Number(digits))
  const text = decimals(Number(digits))
  return dot === '.' ? text.replace(/^(-?)0\./, '$1.') : text
}
