import anomaly from '@adf/contract/golden/alert-message.anomaly.json'
import incident from '@adf/contract/golden/alert-message.incident.json'
import { expect, test } from 'vitest'
import { type Channel, GATHERED_MS, listen } from './live.ts'

/** A clock that a test moves, and connections that it answers. */
function listening() {
  const timers: { at: number; then: () => void }[] = []
  const channels: (Channel & { closed: boolean })[] = []
  const heard: string[][] = []
  let now = 0
  const { stop } = listen({
    open: () => {
      const channel = {
        onopen: null,
        onmessage: null,
        onclose: null,
        closed: false,
        close() {},
      } as Channel & {
        closed: boolean
      }
      channel.close = () => {
        channel.closed = true
        channel.onclose?.()
      }
      channels.push(channel)
      return channel
    },
    heard: (kinds) => heard.push([...kinds].sort()),
    after: (ms, then) => {
      const timer = { at: now + ms, then }
      timers.push(timer)
      return () => timers.splice(timers.indexOf(timer), 1)
    },
  })
  const pass = (ms: number) => {
    now += ms
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers.splice(timers.indexOf(timer), 1)
      timer.then()
    }
  }
  const say = (message: unknown) => channels.at(-1)?.onmessage?.({ data: JSON.stringify(message) })
  return { channels, heard, pass, say, stop }
}

test('what comes within a second is told once', () => {
  const { channels, heard, pass, say } = listening()
  channels[0]?.onopen?.()
  for (const message of [anomaly, anomaly, incident, { type: 'other' }]) say(message)
  expect(heard).toEqual([])
  pass(GATHERED_MS)
  expect(heard).toEqual([['anomaly', 'incident']])
  say(anomaly)
  pass(GATHERED_MS)
  expect(heard).toEqual([['anomaly', 'incident'], ['anomaly']])
})

test('what is no message is passed over', () => {
  const { channels, heard, pass } = listening()
  for (const data of ['{', 7, 'null', '"incident"']) channels[0]?.onmessage?.({ data })
  pass(GATHERED_MS)
  expect(heard).toEqual([])
})

test('a lost connection is opened again, later each time until it holds', () => {
  const { channels, pass } = listening()
  channels[0]?.onopen?.()
  channels[0]?.onclose?.()
  pass(2000)
  expect(channels).toHaveLength(2)
  channels[1]?.onclose?.()
  pass(2000)
  expect(channels).toHaveLength(2)
  pass(2000)
  expect(channels).toHaveLength(3)
  channels[2]?.onopen?.()
  channels[2]?.onclose?.()
  pass(2000)
  expect(channels).toHaveLength(4)
})

test('a proxy that lets none through is left alone', () => {
  const { channels, pass } = listening()
  for (let at = 0; at < 10; at++) {
    channels.at(-1)?.onclose?.()
    pass(120_000)
  }
  expect(channels).toHaveLength(3)
})

test('after stop() nothing is told or opened', () => {
  const { channels, heard, pass, say, stop } = listening()
  channels[0]?.onopen?.()
  say(anomaly)
  stop()
  expect(channels[0]?.closed).toBe(true)
  pass(120_000)
  expect([channels.length, heard]).toEqual([1, []])
})
