import { codes, type ErrorCode } from './codes.ts'

/** One thing that is wrong with a request: where (`a.b[0].c`, empty for the whole) and what. */
export interface PathError {
  readonly path: string
  readonly message: string
}

/** An error that the client is told, as RFC 9457 problem details; its code gives status and title. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly code: ErrorCode
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly errors: readonly PathError[] | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly extra: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    detail: string,
    options: {
      errors?: readonly PathError[]
      headers?: Record<string, string>
      /** Further members of the body. */
      extra?: Record<string, unknown>
      cause?: unknown
    } = {},
  ) {
    super(detail, { cause: options.cause })
    this.code = code
    this.status = codes[code][0]
    this.title = codes[code][1]
    this.detail = detail
    this.errors = options.errors
    this.headers = options.headers ?? {}
    this.extra = options.extra ?? {}
  }

  /** The body, to be sent as `application/problem+json`. */
  toJSON(): Record<string, unknown> {
    return {
      type: 'about:blank',
      title: this.title,
      status: this.status,
      code: this.code,
      detail: this.detail,
      ...(this.errors && { errors: this.errors }),
      ...this.extra,
    }
  }
}
