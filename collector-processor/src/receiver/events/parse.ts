import { ProblemError } from '@adf/service'

/** One event of a request, or why it is none. */
export type ParsedEvent =
  | { readonly fields: Readonly<Record<string, unknown>> }
  | { readonly fields?: undefined; readonly message: string }

export const UNPARSABLE = 'not_an_object'

/** One JSON object, an array of them, or (`ndjson`) one on each line. A document that is no JSON throws; a line that is none is that event's fault. */
export function parseEvents(body: Buffer, ndjson: boolean): ParsedEvent[] {
  if (ndjson) {
    const lines = body.toString('utf8').split('\n')
    return lines.filter((line) => line.trim() !== '').map(parseLine)
  }
  const document = parseDocument(body.toString('utf8'))
  return Array.isArray(document) ? document.map(asEvent) : [asEvent(document)]
}

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
