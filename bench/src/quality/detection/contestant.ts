/** A detector in the run: a process of its own (exchange/folder.ts). */
export interface Contestant {
  readonly name: string
  readonly command: string
  argv(folder: string): readonly string[]
  /** Published by others: what is missing for it, or fails in it, is said, and the run goes on. */
  readonly peer: boolean
}
