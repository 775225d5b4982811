/** What a shard learned that moves with it, by key, beside the state of its entities' detectors. */
export interface Learned {
  /** Keys of what is not saved as it stands. */
  unsaved(): string[]
  /** As it stands, null when there is none any more. It counts as saved from now on. */
  save(key: string): Uint8Array | null
  /** It could not be saved. */
  failed(key: string): void
}
