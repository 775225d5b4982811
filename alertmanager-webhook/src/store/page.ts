export interface Page<T> {
  readonly items: T[]
  readonly next_cursor: string | null
}

export interface PageQuery {
  readonly limit: number
  readonly cursor?: string | undefined
}
