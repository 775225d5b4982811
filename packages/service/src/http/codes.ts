/** Every error code of the APIs: HTTP status, title, and what it means to the one who gets it (docs/errors.md). */
export const codes = {
  invalid_request: [
    400,
    'Invalid request',
    'the body, query or path does not fit the schema; `errors` lists every path',
  ],
  malformed_body: [
    400,
    'Malformed body',
    'the body cannot be read as its content type says (JSON, gzip, protobuf)',
  ],
  unauthenticated: [401, 'Not authenticated', 'no token, or one that is not known; nothing was done'],
  forbidden: [403, 'Not allowed', 'the token is known but lacks the scope that this needs'],
  not_found: [404, 'Not found', 'there is no such route or no such thing, or it was deleted by retention'],
  unknown_stream: [404, 'Unknown stream', 'no stream of this name is configured'],
  method_not_allowed: [
    405,
    'Method not allowed',
    'the route exists but not with this method; see the header `allow`',
  ],
  conflict: [409, 'Conflict', 'the thing changed or exists already; read it again'],
  request_too_large: [
    413,
    'Request too large',
    'the body is over the size limit, before or after decompression; do not retry, send less at once',
  ],
  unsupported_media_type: [
    415,
    'Unsupported media type',
    'the content type, charset or content encoding is not one that this route reads',
  ],
  too_many_requests: [
    429,
    'Too many requests',
    'this client goes over its limit; retry after the header `retry-after`',
  ],
  internal: [500, 'Internal error', 'a fault of ADF; its log has the details under the time of the request'],
  overloaded: [503, 'Overloaded', 'queues are full; nothing was taken; retry after the header `retry-after`'],
  store_unwritable: [
    503,
    'Store cannot be written',
    'the disk is full, read-only or failing, `detail` has the cause; nothing was stored; retry after the header `retry-after`',
  ],
  not_ready: [503, 'Not ready', 'starting, stopping or a part that is needed is down; `reasons` lists them'],
} as const satisfies Record<string, readonly [status: number, title: string, meaning: string]>

export type ErrorCode = keyof typeof codes
