const KEY = 'adf-verdict-draft:'

/** What someone has begun to say about an incident. */
export interface Draft {
  readonly cause: string
  readonly note: string
}

export const EMPTY: Draft = { cause: '', note: '' }

/** Typed words outlive a reload, until they were taken by ADF. Where the browser keeps nothing, they live as long as the page. */
export function readDraft(storage: Storage, incident: string): Draft {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY + incident) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return EMPTY
    const text = (name: string) => {
      const value: unknown = Reflect.get(kept, name)
      return typeof value === 'string' ? value : ''
    }
    return { cause: text('cause'), note: text('note') }
  } catch {
    return EMPTY
  }
}

export function keepDraft(storage: Storage, incident: string, draft: Draft): void {
  try {
    if (draft.cause === '' && draft.note === '') storage.removeItem(KEY + incident)
    else storage.setItem(KEY + incident, JSON.stringify(draft))
  } catch {
    // A full or forbidden storage: the form still has it.
  }
}
