import { expect, test, vi } from 'vitest'
import { type KafkaProducer, RetryingProducer, type Sending } from './retrying-producer.ts'

const RETRY_MS = 1000

/** A broker that takes or refuses what it gets, as it is told. */
function broker() {
  const topic: string[] = []
  const requests: string[][] = []
  let refuses = false
  let clients = 0
  let closed = 0
  const connect = (): KafkaProducer => {
    clients += 1
    return {
      async send({ messages }) {
        if (refuses) throw new Error('no leader')
        const values = messages.map(({ value }) => value?.subarray(0, 10).toString() ?? '')
        requests.push(values)
        topic.push(...values)
      },
      async close() {
        closed += 1
      },
    }
  }
  return {
    topic,
    requests,
    connect,
    refuse: (whether: boolean) => {
      refuses = whether
    },
    get clients() {
      return clients
    },
    get closed() {
      return closed
    },
  }
}

const sending = (value: string | Buffer, arrived?: () => void): Sending => ({
  message: { topic: 'some', value: Buffer.from(value) },
  ...(arrived && { arrived }),
})

function setUp() {
  const kafka = broker()
  const failed = vi.fn()
  return {
    kafka,
    failed,
    producer: new RetryingProducer({ connect: kafka.connect, retryMs: RETRY_MS, failed }),
  }
}

test('sends in the order of adding and tells of each that it arrived', async () => {
  const { kafka, producer } = setUp()
  const told: string[] = []
  producer.add(
    sending('a', () => told.push('a')),
    sending('b', () => told.push('b')),
  )
  producer.add(sending('c'))
  await producer.flushed()
  expect(kafka.topic).toEqual(['a', 'b', 'c'])
  expect(told).toEqual(['a', 'b'])
  expect(producer.waiting).toBe(0)
  expect(producer.waitingBytes).toBe(0)
  await producer.stop()
})

test('makes requests that a broker takes, and one of its own of a message that is larger', async () => {
  const { kafka, producer } = setUp()
  const large = (name: string, bytes: number) =>
    Buffer.concat([Buffer.from(name.padEnd(10)), Buffer.alloc(bytes)])
  producer.add(...[400_000, 400_000, 900_000, 10].map((bytes, at) => sending(large(`m${at}`, bytes))))
  await producer.flushed()
  expect(kafka.requests.map((request) => request.map((name) => name.trim()))).toEqual([
    ['m0'],
    ['m1'],
    ['m2'],
    ['m3'],
  ])
  await producer.stop()
})

test('what a broker refuses waits, and is sent once in its order when it takes it, by a client of its own', async () => {
  vi.useFakeTimers()
  try {
    const { kafka, failed, producer } = setUp()
    kafka.refuse(true)
    producer.add(sending('a'))
    await expect(producer.flushed()).rejects.toThrow('no leader')
    producer.add(sending('b'))
    await vi.advanceTimersByTimeAsync(RETRY_MS - 1)
    expect(failed).toHaveBeenCalledTimes(1)
    expect(producer.fault).toEqual(new Error('no leader'))
    expect(producer.waitingBytes).toBe(2)
    kafka.refuse(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(kafka.topic).toEqual(['a', 'b'])
    expect(producer.fault).toBeUndefined()
    expect([kafka.clients, kafka.closed]).toEqual([2, 1])
    await producer.stop()
  } finally {
    vi.useRealTimers()
  }
})

test('a flush waits for what was added before it alone', async () => {
  vi.useFakeTimers()
  try {
    const { kafka, producer } = setUp()
    kafka.refuse(true)
    producer.add(sending('a'))
    await vi.advanceTimersByTimeAsync(0)
    const flushed = producer.flushed()
    kafka.refuse(false)
    await vi.advanceTimersByTimeAsync(RETRY_MS)
    await flushed
    expect(kafka.topic).toEqual(['a'])
    await expect(producer.flushed()).resolves.toBeUndefined()
    await producer.stop()
  } finally {
    vi.useRealTimers()
  }
})

test('tries once more when it is stopped, then nothing; a flush after it rejects', async () => {
  const { kafka, failed, producer } = setUp()
  kafka.refuse(true)
  producer.add(sending('a'))
  await producer.stop()
  expect(failed).toHaveBeenCalledTimes(2)
  expect(producer.waiting).toBe(1)
  kafka.refuse(false)
  producer.add(sending('b'))
  await expect(producer.flushed()).rejects.toThrow('nothing is sent any more')
  expect(kafka.topic).toEqual([])
})
