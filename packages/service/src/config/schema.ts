import { z } from 'zod'

type Schema = z.core.$ZodType

interface KeyMeta {
  readonly description?: string | undefined
  /** Named for a part that this version does not have. */
  readonly reserved?: boolean
  readonly kind?: 'duration' | 'bytes'
  /** The default as people write it. */
  readonly shown?: string
}

export interface Key {
  /** Without default, optional and pipe around it; what the input must look like. */
  readonly schema: Schema
  readonly meta: KeyMeta
  readonly optional: boolean
  readonly fallback: unknown
}

/** Takes off what zod wraps around a schema, and keeps what the wrappers say; the outermost wins. */
export function keyOf(schema: Schema): Key {
  let meta: Record<string, unknown> = {}
  let optional = false
  let fallback: unknown
  for (let current = schema; ; ) {
    meta = { ...z.globalRegistry.get(current), ...meta }
    if (current instanceof z.ZodDefault || current instanceof z.ZodPrefault) {
      fallback ??= current.def.defaultValue
      current = current.def.innerType
    } else if (current instanceof z.ZodOptional || current instanceof z.ZodNullable) {
      optional = true
      current = current.def.innerType
    } else if (current instanceof z.ZodReadonly) {
      current = current.def.innerType
    } else if (current instanceof z.ZodPipe) {
      current = current.def.in
    } else {
      return { schema: current, meta, optional, fallback }
    }
  }
}

/** The schema under a key: a property, any name in a map, any index in a list; undefined when there is none. */
export function childOf(schema: Schema, name: PropertyKey): Schema | undefined {
  const inner = keyOf(schema).schema
  if (inner instanceof z.ZodObject) {
    return Object.hasOwn(inner.shape, name) ? inner.shape[String(name)] : undefined
  }
  if (inner instanceof z.ZodRecord) return name === '__proto__' ? undefined : inner.def.valueType
  if (inner instanceof z.ZodArray) return inner.def.element
  return undefined
}

export function schemaAt(schema: Schema, path: readonly PropertyKey[]): Schema | undefined {
  let current: Schema | undefined = schema
  for (const name of path) {
    if (current === undefined) return undefined
    current = childOf(current, name)
  }
  return current
}

/** The names that an object has; none for what is not an object. */
export function namesOf(schema: Schema): string[] {
  const inner = keyOf(schema).schema
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : []
}
