import { stringify } from 'yaml'
import { z } from 'zod'
import { isSecretName, withoutCredentials } from './credentials.ts'
import { isMap } from './layer.ts'
import { childOf, keyOf } from './schema.ts'

/**
 * The configuration in effect as people write it: durations and sizes with their units, credentials as `(secret)`: so
 * are all values of headers, since any of them may be a key, and what addresses carry beside host and path. Reads
 * back to the same configuration, but for the credentials.
 */
export function shownConfig(schema: z.core.$ZodType, config: unknown): unknown {
  return shown(schema, config, '')
}

/** shownConfig as YAML. */
export function printConfig(schema: z.core.$ZodType, config: unknown): string {
  return stringify(shownConfig(schema, config), { lineWidth: 0 })
}

function shown(schema: z.core.$ZodType | undefined, value: unknown, name: string): unknown {
  const key = schema && keyOf(schema)
  if (key?.meta.kind === 'duration' && typeof value === 'number') return writtenDuration(value)
  if (key?.meta.kind === 'bytes' && typeof value === 'number') return writtenSize(value)
  if (typeof value === 'string') return masked(name, value)
  if (Array.isArray(value)) {
    const element = key?.schema instanceof z.ZodArray ? key.schema.def.element : undefined
    return value.map((item) => shown(element, item, name))
  }
  if (!isMap(value)) return value
  if (name === 'headers') return Object.fromEntries(Object.keys(value).map((header) => [header, '(secret)']))
  return Object.fromEntries(
    Object.entries(value).map(([child, inner]) => [
      child,
      shown(schema && childOf(schema, child), inner, child),
    ]),
  )
}

function masked(name: string, value: string): string {
  return isSecretName(name) ? '(secret)' : withoutCredentials(value)
}

const durations = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

export function writtenDuration(milliseconds: number): string {
  const unit = durations.find(([, size]) => milliseconds >= size && milliseconds % size === 0)
  if (unit === undefined) return milliseconds === 0 ? '0s' : `${milliseconds}ms`
  return `${milliseconds / unit[1]}${unit[0]}`
}

const sizes = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
] as const

export function writtenSize(count: number): string | number {
  const unit = sizes.find(([, size]) => count >= size && count % size === 0)
  return unit === undefined ? count : `${count / unit[1]}${unit[0]}`
}
