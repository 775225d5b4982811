const OT = [0x6f, 0x74, 0x3d] // ot=
const COMMA = 0x2c
const SEMICOLON = 0x3b
const COLON = 0x3a
/** Hex digits of a threshold: 56 bits. */
const DIGITS = 14
/** Of the older p-value: 63 stands for a probability of zero. */
const LARGEST_P = 62
/**
 * One span stands for so many at most: a probability below one in a million is taken for a mistake of its sender, which
 * must not drown what all others say.
 */
export const MAX_ADJUSTED_COUNT = 2 ** 20

/**
 * How many spans a sampled one stands for, by its W3C tracestate in bytes[start … end): from the threshold `th` of the member
 * `ot`, the adjusted count is 2^56 / (2^56 - th); from its predecessor, the power of two `p`, 2^p. 1 when neither is there
 * or is not as it should be. Costs no string. Source: OpenTelemetry specification, "TraceState Handling".
 *
 * Every result is a float32 of at least 1, so that sums of them below 2^29 are exact in a double and can be taken back.
 */
export function adjustedCount(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; ) {
    while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++
    if (end - at > 3 && bytes[at] === OT[0] && bytes[at + 1] === OT[1] && bytes[at + 2] === OT[2])
      return ofMember(bytes, at + 3, end)
    while (at < end && bytes[at] !== COMMA) at++
    at++
  }
  return 1
}

/** Of a list `key:value;key:value` that ends with a comma or at `end`. */
function ofMember(bytes: Uint8Array, start: number, end: number): number {
  let older = 1
  for (let at = start; at < end && bytes[at] !== COMMA; ) {
    let next = at
    while (next < end && bytes[next] !== SEMICOLON && bytes[next] !== COMMA) next++
    // th:HEX
    if (next - at > 3 && bytes[at] === 0x74 && bytes[at + 1] === 0x68 && bytes[at + 2] === COLON)
      return ofThreshold(bytes, at + 3, next)
    // p:DECIMAL
    if (next - at > 2 && bytes[at] === 0x70 && bytes[at + 1] === COLON) older = ofPower(bytes, at + 2, next)
    if (bytes[next] === COMMA) break
    at = next + 1
  }
  return older
}

function ofThreshold(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0x09)) end--
  if (end === start || end - start > DIGITS) return 1
  // the share that is rejected, digit by digit: left out digits are zeros at the end
  let rejected = 0
  let scale = 1 / 16
  for (let at = start; at < end; at++, scale /= 16) {
    const digit = hexDigit(bytes[at]!)
    if (digit < 0) return 1
    rejected += digit * scale
  }
  return bounded(1 / (1 - rejected))
}

function ofPower(bytes: Uint8Array, start: number, end: number): number {
  let power = 0
  if (end - start > 2) return 1
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30
    if (digit < 0 || digit > 9) return 1
    power = power * 10 + digit
  }
  return power > LARGEST_P ? 1 : bounded(2 ** power)
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

function bounded(count: number): number {
  return count > MAX_ADJUSTED_COUNT ? MAX_ADJUSTED_COUNT : Math.fround(count)
}
