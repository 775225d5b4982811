import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { isSignedBySlack } from './slack-signature.ts'

const KEY = '8f742231b10e8888abcd99yyyzzz85a5'
const NOW = 1_531_420_618_000

/** The example of Slack's documentation. */
const example = {
  timestamp: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  body: Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  ),
}

test("the example of Slack's documentation is signed", () => {
  expect(isSignedBySlack(example, [KEY], NOW)).toBe(true)
  expect(isSignedBySlack(example, ['new one', KEY], NOW)).toBe(true)
})

test('five minutes later it is a replay, and so is one from the future', () => {
  expect(isSignedBySlack(example, [KEY], NOW + 300_000)).toBe(true)
  expect(isSignedBySlack(example, [KEY], NOW + 301_000)).toBe(false)
  expect(isSignedBySlack(example, [KEY], NOW - 301_000)).toBe(false)
})

test.each([
  ['no key', example, []],
  ['another key', example, ['other']],
  ['another body', { ...example, body: Buffer.from('payload={}') }, [KEY]],
  ['another time', { ...example, timestamp: '1531420619' }, [KEY]],
  ['a time that is no number', { ...example, timestamp: '1531420618e0' }, [KEY]],
  ['no signature', { ...example, signature: undefined }, [KEY]],
  ['no time', { ...example, timestamp: undefined }, [KEY]],
  ['a short signature', { ...example, signature: 'v0=a2' }, [KEY]],
  ['another version', { ...example, signature: example.signature.replace('v0', 'v1') }, [KEY]],
])('%s is refused', (_, request, keys) => {
  expect(isSignedBySlack(request, keys, NOW)).toBe(false)
})

test('what this makes is what Slack makes', () => {
  const body = Buffer.from('payload=%7B%7D')
  const signature = `v0=${createHmac('sha256', KEY).update('v0:1531420618:payload=%7B%7D').digest('hex')}`
  expect(isSignedBySlack({ timestamp: '1531420618', signature, body }, [KEY], NOW)).toBe(true)
})
