/** What a server's process is started with. */
export interface ServerArguments {
  readonly config: unknown
  /** It ends itself with SIGKILL when it first comes to this step. */
  readonly at?: { readonly place: 'before' | 'after'; readonly step: string } | undefined
}

export type ToServer = 'delay' | 'stop'

export type FromServer =
  | { readonly kind: 'listening'; readonly url: string }
  /** How long the event loop was held since the last such message. */
  | { readonly kind: 'delay'; readonly longestMs: number; readonly p99Ms: number }
