import type { ClientState, Identity, RunMemory } from './client-state.ts'

/** Remembers until the process ends: for simulations and tests. */
export class MemoryState implements ClientState {
  #identity: Identity | undefined
  readonly #runs = new Map<string, RunMemory>()

  async loadIdentity(): Promise<Identity | undefined> {
    return this.#identity
  }

  async saveIdentity(identity: Identity): Promise<void> {
    this.#identity = identity
  }

  async runs(): Promise<readonly string[]> {
    return [...this.#runs.keys()].sort()
  }

  async loadRun(run: string): Promise<RunMemory | undefined> {
    return this.#runs.get(run)
  }

  async saveRun(run: string, memory: RunMemory): Promise<void> {
    this.#runs.set(run, memory)
  }

  async forgetRun(run: string): Promise<void> {
    this.#runs.delete(run)
  }
}
