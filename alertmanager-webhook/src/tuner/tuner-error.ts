/**
 * - `not_finite`: a number that is NaN or infinite
 * - `out_of_range`: a number outside what it can be, a setting too
 * - `invalid_state`: saved state that this policy did not write
 */
export type TunerErrorCode = 'not_finite' | 'out_of_range' | 'invalid_state'

/** Input that the tuner refuses; nothing was changed. The message says what, where and what would do. */
export class TunerError extends Error {
  override readonly name = 'TunerError'
  readonly code: TunerErrorCode

  constructor(code: TunerErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** @throws TunerError */
export function checkNumber(name: string, value: number, low: number, high: number): void {
  if (!Number.isFinite(value)) throw new TunerError('not_finite', `${name} is ${value}: give a finite number`)
  if (value < low || value > high)
    throw new TunerError('out_of_range', `${name} is ${value}: give a number from ${low} to ${high}`)
}
