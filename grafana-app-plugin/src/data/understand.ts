import type { z } from 'zod'
import { AskError } from './ask-error.ts'

/** Faults that are told of; a wrong answer may have thousands. */
const TOLD = 3

/**
 * Reads an answer by its schema. Fields that the schema does not know are dropped: a newer processor says more, and that is no reason to
 * show nothing. Throws `not_understood`, with the first paths that are wrong, for everything else.
 */
export function understand<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const first = schema.safeParse(answer)
  if (first.success) return first.data
  const unknown = first.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? [{ path: issue.path, keys: issue.keys }] : [],
  )
  if (unknown.length > 0) {
    const known = structuredClone(answer)
    for (const { path, keys } of unknown) for (const key of keys) drop(known, path, key)
    const second = schema.safeParse(known)
    if (second.success) return second.data
    throw notUnderstood(second.error.issues)
  }
  throw notUnderstood(first.error.issues)
}

function drop(root: unknown, path: readonly PropertyKey[], key: string): void {
  let place = root
  for (const step of path) {
    if (typeof place !== 'object' || place === null) return
    place = Reflect.get(place, step)
  }
  if (typeof place === 'object' && place !== null) Reflect.deleteProperty(place, key)
}

function notUnderstood(issues: readonly z.core.$ZodIssue[]): AskError {
  const told = issues.slice(0, TOLD).map(({ path, message }) => `${path.join('.') || 'answer'}: ${message}`)
  const more = issues.length > TOLD ? ` and ${issues.length - TOLD} more` : ''
  return new AskError('not_understood', `${told.join('; ')}${more}`)
}
