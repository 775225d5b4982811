import { once } from 'node:events'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { safeHeaders } from './requests.ts'

test('an answer is not guessed at, kept, framed or included by pages from elsewhere; a page may have a policy of its own', async () => {
  const app = express().use(safeHeaders)
  app.get('/data', (_request, response) => response.json({}))
  app.get('/page', (_request, response) => {
    response.set('content-security-policy', "default-src 'self'").send('page')
  })
  const server = app.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const headersOf = async (path: string) =>
    Object.fromEntries((await fetch(`http://127.0.0.1:${address.port}${path}`)).headers)
  expect(await headersOf('/data')).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
  })
  expect((await headersOf('/page'))['content-security-policy']).toBe("default-src 'self'")
})
