import { z } from 'zod'
import { keyOf } from './schema.ts'

/** One key of the configuration, for people. `<name>` stands for any name of a map, `[]` for any entry of a list. */
export interface ConfigRow {
  readonly path: string
  readonly type: string
  /** As people write it; empty when there is none. */
  readonly default: string
  readonly required: boolean
  readonly description: string
  readonly reserved: boolean
}

/** Every key of a configuration schema, sections before their keys, in the order of the schema. */
export function describeConfig(schema: z.core.$ZodType): ConfigRow[] {
  return rowsOf(schema, '', false)
}

function rowsOf(schema: z.core.$ZodType, path: string, reservedAbove: boolean): ConfigRow[] {
  const { schema: inner, meta, optional, fallback } = keyOf(schema)
  const reserved = reservedAbove || meta.reserved === true
  const own: ConfigRow = {
    path,
    type: typeOf(schema),
    default: meta.shown ?? written(fallback),
    required: fallback === undefined && !optional,
    description: meta.description ?? '',
    reserved,
  }
  if (inner instanceof z.ZodObject) {
    const below = Object.entries(inner.shape).flatMap(([name, child]) =>
      rowsOf(child, path === '' ? name : `${path}.${name}`, reserved),
    )
    const section: ConfigRow = { ...own, type: 'section', default: '', required: false }
    return path === '' || path.endsWith(']') || path.endsWith('>') ? below : [section, ...below]
  }
  if (inner instanceof z.ZodArray && isSection(inner.def.element)) {
    return [own, ...rowsOf(inner.def.element, `${path}[]`, reserved)]
  }
  if (inner instanceof z.ZodRecord && isSection(inner.def.valueType)) {
    return [own, ...rowsOf(inner.def.valueType, `${path}.<name>`, reserved)]
  }
  return [own]
}

const isSection = (schema: z.core.$ZodType) => keyOf(schema).schema instanceof z.ZodObject

function typeOf(schema: z.core.$ZodType): string {
  const { schema: inner, meta } = keyOf(schema)
  if (meta.kind === 'duration') return 'duration'
  if (meta.kind === 'bytes') return 'size'
  if (inner instanceof z.ZodEnum) return inner.options.map(String).join(' | ')
  if (inner instanceof z.ZodBoolean) return 'true | false'
  if (inner instanceof z.ZodNumber) return numberType(inner)
  if (inner instanceof z.ZodURL) return 'URL'
  if (inner instanceof z.ZodString) return 'text'
  if (inner instanceof z.ZodArray)
    return `list of ${isSection(inner.def.element) ? 'sections' : typeOf(inner.def.element)}`
  if (inner instanceof z.ZodRecord) {
    return `map of name to ${isSection(inner.def.valueType) ? 'section' : typeOf(inner.def.valueType)}`
  }
  if (inner instanceof z.ZodUnion) return inner.options.map(typeOf).join(' | ')
  return inner._zod.def.type
}

function numberType(schema: z.ZodNumber): string {
  const bounds = (schema.def.checks ?? []).flatMap((check) => {
    if (check instanceof z.core.$ZodCheckGreaterThan) {
      const { inclusive, value } = check._zod.def
      return [`${inclusive ? '≥' : '>'} ${value}`]
    }
    if (check instanceof z.core.$ZodCheckLessThan) {
      const { inclusive, value } = check._zod.def
      return [`${inclusive ? '≤' : '<'} ${value}`]
    }
    return []
  })
  return `${schema.isInt ? 'integer' : 'number'} ${bounds.join(', ')}`.trim()
}

function written(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value === '' ? '""' : value
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  return JSON.stringify(value)
}
