/**
 * A bounded dictionary of strings. Id 0 is '' and id 1 is '(other)', which every string gets once the bound is reached;
 * how often that happened is counted by `overflowed`.
 */
export interface StringTable {
  /** Id of UTF-8 bytes; makes no string when they are known. Invalid UTF-8 is read with U+FFFD. */
  internBytes(bytes: Uint8Array, start: number, end: number): number
  intern(text: string): number
  get(id: number): string
  readonly size: number
  readonly overflowed: number
}

export const EMPTY = 0
export const OTHER = 1
