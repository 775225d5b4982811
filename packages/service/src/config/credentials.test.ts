import { expect, test } from 'vitest'
import { isSecretName, openUrl, withoutCredentials } from './credentials.ts'

test.each([
  ['http://u:pw@h:1/p', 'http://(secret)@h:1/p'],
  ['http://u:p@w@h/p', 'http://(secret)@h/p'],
  ['http://token@h', 'http://(secret)@h'],
  ['https://h/v1?api_key=pw&x=pw', 'https://h/v1?api_key=(secret)&x=(secret)'],
  ['https://h/v1?pw#pw', 'https://h/v1?(secret)#(secret)'],
  ['postgres://adf:pw@h:5432/adf?sslmode=verify-full', 'postgres://(secret)@h:5432/adf?sslmode=verify-full'],
  ['http://h/a@b', 'http://h/a@b'],
  ['127.0.0.1:4317', '127.0.0.1:4317'],
  ['plain text, a@b', 'plain text, a@b'],
])('%s is shown as %s', (text, shown) => {
  expect(withoutCredentials(text)).toBe(shown)
})

test('names of credentials, and of files that hold them', () => {
  expect(['token', 'X-Api-Key', 'signing_secret', 'Authorization'].every(isSecretName)).toBe(true)
  expect(['token_file', 'url', 'sha', 'name'].some(isSecretName)).toBe(false)
})

test('an address that others see takes no credentials, and says what to do instead', () => {
  const url = openUrl('use token')
  expect(url.safeParse('http://127.0.0.1:8080/x').success).toBe(true)
  expect(url.safeParse('ftp://h').success).toBe(false)
  const { error } = url.safeParse('http://u:pw@h')
  expect(error?.issues[0]?.message).toContain('use token')
  expect(error?.issues[0]?.message).not.toContain('pw')
})
