/** A request to the processor's API. `path` is as in the contract, filled in: `api/incidents/7`. */
export interface Request {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** What came back; status 0 when nothing did. */
export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** How requests leave the page: in Grafana through its proxy. Rejects only when `signal` aborted it. */
export type Send = (request: Request) => Promise<Reply>
