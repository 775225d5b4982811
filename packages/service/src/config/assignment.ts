import { parse } from 'yaml'
import { z } from 'zod'
import type { ConfigFault } from './fault.ts'
import type { Layer } from './layer.ts'
import { formatPath } from './path.ts'
import { childOf, keyOf, namesOf, schemaAt } from './schema.ts'
import { nearest } from './suggest.ts'

/**
 * The layer of one key set by a variable or a flag. The value is YAML (`0.8`, `[a, b]`, `{x: 1}`); where a key takes
 * text, what is not quoted stays as it was typed.
 */
export function assignmentLayer(
  schema: z.core.$ZodType,
  path: readonly string[],
  written: string,
  source: string,
): { layer?: Layer; fault?: ConfigFault } {
  const fault = (message: string) => ({ fault: { path: formatPath(path), message, source } })
  const unknown = unknownPart(schema, path)
  if (unknown !== undefined) return fault(unknown)

  const leaf = schemaAt(schema, path)
  const takesText = leaf !== undefined && keyOf(leaf).schema instanceof z.ZodString
  let value: unknown
  try {
    // An excerpt of what was written may be a credential.
    value = parse(written, { prettyErrors: false })
    if (takesText && value !== null && typeof value !== 'string') value = written
  } catch (error) {
    if (!takesText)
      return fault(`not a YAML value: ${error instanceof Error ? error.message : String(error)}`)
    value = written
  }
  const nested = path.reduceRight((inner: unknown, name) => ({ [name]: inner }), value)
  return { layer: { value: nested, source: () => source } }
}

/** What to say about the first part of a path that the schema does not have; undefined when it has all. */
function unknownPart(schema: z.core.$ZodType, path: readonly string[]): string | undefined {
  let current = schema
  for (const [i, name] of path.entries()) {
    const above = formatPath(path.slice(0, i))
    if (keyOf(current).schema instanceof z.ZodArray)
      return `${above} is a list: set it whole, such as '[a, b]'`
    const next = childOf(current, name)
    if (next === undefined) return unknownKey(schema, path.slice(0, i), name)
    current = next
  }
  return undefined
}

/** The message for a key that is not there, with the one that was probably meant. */
export function unknownKey(root: z.core.$ZodType, above: readonly PropertyKey[], name: string): string {
  const parent = schemaAt(root, above)
  const sibling = parent === undefined ? undefined : nearest(name, namesOf(parent))
  const meant = sibling === undefined ? elsewhere(root, name) : formatPath([...above, sibling])
  return meant === undefined ? 'unknown key' : `unknown key, did you mean ${meant}?`
}

/** The path of a key of that name in another section: a key given at the wrong depth. */
function elsewhere(schema: z.core.$ZodType, name: string, path: readonly string[] = []): string | undefined {
  for (const own of namesOf(schema)) {
    if (own === name) return formatPath([...path, own])
    const child = childOf(schema, own)
    const found = child === undefined ? undefined : elsewhere(child, name, [...path, own])
    if (found !== undefined) return found
  }
  return undefined
}
