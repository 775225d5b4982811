import type { PlainSpan } from '@adf/processor'

/** A span as a file gives it, with the line it stands on. */
export interface FileSpan extends PlainSpan {
  readonly line: number
}

const HEX = /^[0-9a-f]+$/i

/** A hex id brought to its full length; undefined when it is no such id. Jaeger leaves leading zeros out. */
export function fullId(text: string, length: 16 | 32): string | undefined {
  return text.length > 0 && text.length <= length && HEX.test(text)
    ? text.padStart(length, '0').toLowerCase()
    : undefined
}
