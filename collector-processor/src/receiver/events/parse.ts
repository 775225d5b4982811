import { ProblemError } from '@adf/service'
import { hasTooManyValues, MAX_VALUES } from '../json/size.ts'

/** One event of a request, or why it is none. */
export type ParsedEvent =
  | { readonly fields: Readonly<Record<string, unknown>> }
  | { readonly fields?: undefined; readonly message: string }

export const UNPARSABLE = 'not_an_object'
/** In one request; as many as may wait for the next step. */
const MAX_EVENTS = 100_000
const NEWLINE = 0x0a

/**
 * One JSON object, an array of them, or (`ndjson`) one on each line. A document that is no JSON, or holds more events or
 * values than a request may, throws before anything is taken; a line that is none is that event's fault.
 */
export function parseEvents(body: Buffer, ndjson: boolean): Iterable<ParsedEvent> {
  if (hasTooManyValues(body)) throw tooMany(MAX_VALUES, 'values')
  if (ndjson) {
    assertFewLines(body)
    return lines(body)
  }
  const document = parseDocument(body.toString('utf8'))
  if (!Array.isArray(document)) return [asEvent(document)]
  if (document.length > MAX_EVENTS) throw tooMany(MAX_EVENTS, 'events')
  return document.map(asEvent)
}

function assertFewLines(body: Buffer): void {
  let count = 0
  for (let at = body.indexOf(NEWLINE); at >= 0; at = body.indexOf(NEWLINE, at + 1)) {
    if (++count > MAX_EVENTS) throw tooMany(MAX_EVENTS, 'lines')
  }
}

function* lines(body: Buffer): Iterable<ParsedEvent> {
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf(NEWLINE, start)
    const end = newline < 0 ? body.length : newline
    const line = body.toString('utf8', start, end)
    if (line.trim() !== '') yield parseLine(line)
    start = end + 1
  }
}

const tooMany = (limit: number, what: string) =>
  new ProblemError('request_too_large', `the body is over the limit of ${limit} ${what}; send less at once`)

function parseLine(line: string): ParsedEvent {
  try {
    return asEvent(JSON.parse(line))
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error) }
  }
}

function parseDocument(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ProblemError('malformed_body', `the body is not JSON: ${reason}`, { cause: error })
  }
}

function asEvent(value: unknown): ParsedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { message: 'an event is a JSON object' }
  }
  return { fields: Object.fromEntries(Object.entries(value)) }
}
