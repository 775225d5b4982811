/** The four words of a trace id written as 32 hex digits. Throws RangeError for anything else. */
export function traceWords(hex: string): Uint32Array {
  return words(hex, 32)
}

/** The two words of a span id written as 16 hex digits. Throws RangeError for anything else. */
export function spanWords(hex: string): Uint32Array {
  return words(hex, 16)
}

function words(hex: string, digits: number): Uint32Array {
  if (hex.length !== digits || !/^[0-9a-f]+$/i.test(hex)) {
    throw new RangeError(`expected an id of ${digits} hex digits, got ${JSON.stringify(hex)}`)
  }
  return Uint32Array.from({ length: digits / 8 }, (_, i) => Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16))
}

/** The hex form of an id of two or four words, as every OpenTelemetry tool prints it. */
export function hexId(...words: readonly number[]): string {
  return words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}
