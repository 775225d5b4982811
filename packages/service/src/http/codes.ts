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
  invalid_update: [
    400,
    'Invalid update',
    'the body is no sound update of this model, or is far too large in its values; `reason` says why, as in formats/update.md',
  ],
  invalid_step: [
    400,
    'Invalid step',
    'the message is no sound step of secure aggregation; `reason` says why, as in formats/secure-aggregation.md',
  ],
  unauthenticated: [401, 'Not authenticated', 'no token, or one that is not known; nothing was done'],
  missing_signature: [
    401,
    'Not signed',
    'a header of the signature is not there: signature-input, signature or content-digest',
  ],
  malformed_signature: [
    401,
    'Malformed signature',
    'a header of the signature is there twice, is too long, or is not what RFC 9421 and RFC 9530 say',
  ],
  not_covered: [
    401,
    'Not covered by the signature',
    'the signature covers more, less or other than method, path, query and content-digest',
  ],
  digest_mismatch: [401, 'Digest mismatch', 'the body is not the one that was signed; send it again'],
  expired: [
    401,
    'Signed too long ago',
    'by the clock of the server, which the header `date` tells; set the clock right and sign anew',
  ],
  from_the_future: [
    401,
    'Signed ahead of time',
    'by the clock of the server, which the header `date` tells; set the clock right and sign anew',
  ],
  unknown_key: [401, 'Unknown key', 'no client has this key id; enrol'],
  bad_signature: [401, 'Bad signature', 'the signature does not fit the request and the key in force'],
  replayed: [401, 'Replayed', 'a request with this nonce was answered before; sign each one anew'],
  forbidden: [403, 'Not allowed', 'the token is known but lacks the scope that this needs'],
  revoked: [403, 'Revoked', 'an operator revoked this client; it needs a new invitation'],
  invitation_refused: [
    403,
    'Invitation refused',
    'the token enrols nobody: not known, expired, used with another key, or good for another name',
  ],
  not_found: [404, 'Not found', 'there is no such route or no such thing, or it was deleted by retention'],
  unknown_stream: [404, 'Unknown stream', 'no stream of this name is configured'],
  method_not_allowed: [
    405,
    'Method not allowed',
    'the route exists but not with this method; see the header `allow`',
  ],
  conflict: [409, 'Conflict', 'the thing changed or exists already; read it again'],
  overridden: [
    409,
    'Overridden',
    'an operator set this threshold, which a tuner does not change; `value: null` by an operator, or a rollback, gives it back',
  ],
  too_many_thresholds: [
    409,
    'Too many thresholds',
    'so many thresholds differ from the initial one already (`store.max_thresholds`); nothing was changed: give others back with `value: null`, or raise the limit',
  ],
  not_selected: [
    409,
    'Not selected',
    'this client was not asked for an update in this round; ask for work again',
  ],
  unknown_base: [
    409,
    'Unknown base',
    'the server knows no such version of the weights; take the latest one dense and begin with no residual',
  ],
  update_conflict: [
    409,
    'Conflicting update',
    'another update of this client for this round is stored; it counts, this one does not',
  ],
  secure_round: [
    409,
    'Secure round',
    'the updates of this round are taken masked only (docs/formats/secure-aggregation.md); nothing was stored',
  ],
  step_conflict: [
    409,
    'Conflicting step',
    'another message of this client for this step of secure aggregation is stored; it counts, this one does not',
  ],
  wrong_step: [
    409,
    'Wrong step',
    'the round of secure aggregation is not at this step, or this client had no part in the one before; ask where it is',
  ],
  too_late: [
    410,
    'Too late',
    'the update began with a version that is too old for any round, or the step of secure aggregation is over; nothing was stored',
  ],
  gone: [
    410,
    'Gone',
    'it expired, was deleted, or is too old to be judged; `detail` says which; nothing was stored, do not send it again',
  ],
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
  upstream_unreachable: [
    502,
    'Upstream not reachable',
    'what the request was to be passed on to does not answer; nothing was done',
  ],
  overloaded: [503, 'Overloaded', 'queues are full; nothing was taken; retry after the header `retry-after`'],
  store_unwritable: [
    503,
    'Store cannot be written',
    'the disk is full, read-only or failing, `detail` has the cause; nothing was stored; retry after the header `retry-after`',
  ],
  not_ready: [503, 'Not ready', 'starting, stopping or a part that is needed is down; `reasons` lists them'],
} as const satisfies Record<string, readonly [status: number, title: string, meaning: string]>

export type ErrorCode = keyof typeof codes
