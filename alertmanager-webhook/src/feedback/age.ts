import { validate, version } from 'uuid'

/** When a UUIDv7 was made, which all ids of ADF are; undefined for any other text. */
export function madeMs(id: string): number | undefined {
  if (!validate(id) || version(id) !== 7) return undefined
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
