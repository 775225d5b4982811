const NUMBERS: readonly (readonly [prefix: string, severity: number])[] = [
  ['TRACE', 1],
  ['FINEST', 1],
  ['VERBOSE', 1],
  ['DEBUG', 5],
  ['FINE', 5],
  ['INFO', 9],
  ['NOTICE', 10],
  ['WARN', 13],
  ['ERR', 17],
  ['SEVERE', 17],
  ['CRIT', 18],
  ['ALERT', 19],
  ['FATAL', 21],
  ['PANIC', 21],
  ['EMERG', 21],
]

/** SeverityNumber for the name that a logger used (log data model, appendix B); 0 for names it does not list. */
export function severityOfText(text: string): number {
  if (text === '') return 0
  const upper = text.trim().toUpperCase()
  return NUMBERS.find(([prefix]) => upper.startsWith(prefix))?.[1] ?? 0
}
