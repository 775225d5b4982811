import type { SloDocument } from './document.ts'
import { objectiveOf } from './document.ts'
import { checkDocument } from './document-faults.ts'
import { filesOf, readDocuments } from './document-files.ts'
import type { Objective } from './objective.ts'

export interface Sources {
  /** Paths of YAML files, with or without wildcards. */
  readonly files: readonly string[]
  /** Documents, as the configuration has them; its schema has checked them. */
  readonly objectives: readonly unknown[]
}

export interface ReadObjectives {
  readonly objectives: readonly Objective[]
  /** By key of the configuration. */
  readonly faults: readonly { readonly path: string; readonly message: string }[]
}

/** Every objective that the configuration names, from its files too, and all that is wrong with them. */
export function readObjectives({ files, objectives: inline }: Sources): ReadObjectives {
  const found: { document: SloDocument; path: string; source: string }[] = []
  const faults: { path: string; message: string }[] = []
  for (const [at, value] of inline.entries()) {
    const path = `slo.objectives[${at}]`
    const { document } = checkDocument(value)
    if (document !== undefined) found.push({ document, path, source: path })
  }
  const read = new Set<string>()
  for (const [at, pattern] of files.entries()) {
    const path = `slo.files[${at}]`
    const names = filesOf(pattern)
    if (names.length === 0) faults.push({ path, message: `no file matches ${pattern}` })
    for (const name of names) {
      // Two patterns may name one file.
      if (read.has(name)) continue
      read.add(name)
      const { documents, faults: told } = readDocuments(name)
      found.push(...documents.map((one) => ({ ...one, path })))
      faults.push(...told.map((message) => ({ path, message })))
    }
  }
  const sources = new Map<string, string>()
  for (const { document, path, source } of found) {
    const { name } = document.metadata
    const other = sources.get(name)
    if (other === undefined) sources.set(name, source)
    else faults.push({ path, message: `${source}: metadata.name: ${name} is the name of ${other} too` })
  }
  return { objectives: found.map(({ document }) => objectiveOf(document)), faults }
}
