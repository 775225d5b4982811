import type { Manifests } from './manifests.ts'

export interface ReleaseContext {
  readonly root: string
  /** Folder that the artefacts go to. */
  readonly out: string
  readonly manifests: Manifests
  /** The time that artefacts carry: of the commit, or SOURCE_DATE_EPOCH. */
  readonly time: Date
  /** The commit. */
  readonly revision: string
}

export interface Artefact {
  readonly name: string
  /** Whether the same sources give the same bytes. */
  readonly reproducible: boolean
  /** Makes it, and gives its name in `out`; or says why this machine cannot. Throws when it should and does not. */
  make(context: ReleaseContext): { readonly file: string } | { readonly left: string }
}
