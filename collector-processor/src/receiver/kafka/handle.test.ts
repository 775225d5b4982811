import { ProblemError } from '@adf/service'
import { expect, test } from 'vitest'
import type { EventFields, EventOutcome } from '../../feature/event-stream.ts'
import type { Origin } from '../../scoring/vector.ts'
import { Admission } from '../admission.ts'
import { Refusal } from '../refusal.ts'
import { Rejections } from '../wire/rejections.ts'
import { Handle } from './handle.ts'
import type { Content } from './message.ts'

const EVENTS: Content = { kind: 'events', stream: undefined }
const METERS: Content = { kind: 'events', stream: 'meters' }
const SPANS: Content = { kind: 'otlp', signal: 'traces' }
const TAKEN: EventOutcome = { accepted: true }

function handle({
  room = 1000,
  take = (_: EventFields): EventOutcome => TAKEN,
  request = () => new Rejections(),
} = {}) {
  const requests: string[] = []
  const origins: Origin[] = []
  const failures: unknown[] = []
  const made = new Handle({
    intake: {
      protobuf: (_, bytes) => {
        requests.push(`protobuf ${bytes.length}`)
        return request()
      },
      json: (_, bytes) => {
        requests.push(`json ${bytes.length}`)
        return request()
      },
    },
    events: {
      take(_stream, fields, origin) {
        const outcome = take(fields)
        if (outcome.accepted) origins.push(origin)
        return outcome
      },
    },
    edges: (value) => (value.length === 1 ? undefined : 'it is no JSON'),
    streams: () => ['meters'],
    admission: new Admission(room),
    maxSize: 100,
    kept: false,
    failed: (error) => failures.push(error),
  })
  const message = (
    content: Content,
    value: string | Buffer,
    headers: Record<string, string> = {},
    offset = 7,
  ) =>
    made.take(content, 'topic/0', {
      offset,
      timestampMs: 0,
      key: null,
      value: Buffer.from(value),
      headers: new Map(Object.entries(headers).map(([key, text]) => [key, Buffer.from(text)])),
    })
  return { message, requests, origins, failures }
}

test('OTLP is protobuf, or JSON when it begins like it', () => {
  const { message, requests } = handle()
  expect(message(SPANS, Buffer.from([0x0a, 0]))).toBe('taken')
  expect(message(SPANS, '{"resourceSpans":[]}')).toBe('taken')
  expect(message(SPANS, '')).toBe('taken')
  expect(requests).toEqual(['protobuf 2', 'json 20', 'protobuf 0'])
})

test('what no request could be is poison; what is refused for want of room waits', () => {
  const malformed = handle({
    request: () => {
      throw new Refusal('malformed', 'not an OTLP traces request')
    },
  })
  expect(malformed.message(SPANS, 'x')).toEqual({ reason: 'malformed', detail: 'not an OTLP traces request' })
  expect(malformed.message(SPANS, 'x'.repeat(101))).toMatchObject({ reason: 'too_large' })
  const overloaded = handle({
    request: () => {
      throw new Refusal('overloaded', 'later')
    },
  })
  expect(overloaded.message(SPANS, 'x')).toBe('wait')
})

test('a fault inside is told and put aside, so that the partition goes on', () => {
  const fault = new Error('a bug')
  const { message, failures } = handle({
    request: () => {
      throw fault
    },
  })
  expect(message(SPANS, 'x')).toMatchObject({ reason: 'failed' })
  expect(failures).toEqual([fault])
})

test('an event says its stream by a header, or a field, unless the topic is of one', () => {
  const { message, origins } = handle()
  expect(message(EVENTS, '{"volts":1}', { stream: 'meters' })).toBe('taken')
  expect(message(EVENTS, '{"stream":"meters","volts":1}')).toBe('taken')
  expect(message(METERS, '[{"volts":1},{"volts":2}]', {}, 9)).toBe('taken')
  expect(message(EVENTS, '{"volts":1}')).toMatchObject({ reason: 'unknown_stream' })
  expect(message(EVENTS, '{"volts":1}', { stream: 'other' })).toMatchObject({
    detail: 'event 0: no stream "other" of events is declared',
  })
  expect(origins).toEqual([
    { source: 'topic/0', offset: 7, index: 0, atMs: 0 },
    { source: 'topic/0', offset: 7, index: 0, atMs: 0 },
    { source: 'topic/0', offset: 9, index: 0, atMs: 0 },
    { source: 'topic/0', offset: 9, index: 1, atMs: 0 },
  ])
})

test('of a message that had to wait in the middle, no event is taken twice', () => {
  let room = 2
  const { message, origins } = handle({
    take: () =>
      room-- > 0 ? TAKEN : { accepted: false, reason: 'queue_full', message: 'too many events wait' },
  })
  const value = '[{"a":1},{"a":2},{"a":3},{"a":4}]'
  expect(message(METERS, value)).toBe('wait')
  room = 5
  expect(message(METERS, value)).toBe('taken')
  expect(origins.map(({ index }) => index)).toEqual([0, 1, 2, 3])
})

test('JSON that is none, or no event, is poison', () => {
  const { message } = handle()
  expect(message(METERS, '{"a":')).toMatchObject({ reason: 'malformed' })
  expect(message(METERS, '[1]')).toEqual({
    reason: 'malformed',
    detail: 'event 0: an event is a JSON object',
  })
  const rejecting = handle({
    take: () => ({ accepted: false, reason: 'no_entity', message: 'id is nothing' }),
  })
  expect(rejecting.message(METERS, '{}')).toEqual({
    reason: 'rejected_event',
    detail: 'event 0: id is nothing',
  })
  const large = handle({
    take: () => {
      throw new ProblemError('request_too_large', 'too many')
    },
  })
  expect(large.message(METERS, '{}')).toMatchObject({ reason: 'too_large' })
})
