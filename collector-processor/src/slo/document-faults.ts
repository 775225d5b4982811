import type { z } from 'zod'
import { SloDocument } from './document.ts'

interface DocumentFault {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** A document that was checked: all its faults, or none and what it says. */
export type Checked =
  | { readonly document: SloDocument; readonly faults: readonly [] }
  | { readonly document?: undefined; readonly faults: readonly DocumentFault[] }

export function checkDocument(value: unknown): Checked {
  const parsed = SloDocument.safeParse(value)
  if (parsed.success) return { document: parsed.data, faults: [] }
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, value))
  // A document of another kind has other keys: to tell of each would hide that.
  const otherKind = faults.filter(
    ({ path }) => path.length === 1 && path[0] === 'kind' && present(value, path),
  )
  return { faults: otherKind.length > 0 ? otherKind : faults }
}

function faultsOf(issue: z.core.$ZodIssue, value: unknown): DocumentFault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({
      path: [...issue.path, name],
      message: 'is no key of OpenSLO v1 that is taken: leave it out',
    }))
  const missing = issue.code === 'invalid_type' && !present(value, issue.path)
  if (issue.path.length === 0 && issue.code === 'invalid_type')
    return [{ path: [], message: 'must be a document: apiVersion, kind, metadata and spec' }]
  const message = missing ? 'is required' : issue.message.replace(/^Invalid input: /, '')
  return [{ path: issue.path, message }]
}

function present(value: unknown, path: readonly PropertyKey[]): boolean {
  let at = value
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return false
    at = Reflect.get(at, name)
  }
  return at !== undefined
}
