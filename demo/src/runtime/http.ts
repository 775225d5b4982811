import http, { Agent } from 'node:http'
import express from 'express'
import { lookup } from './names.ts'
import { type Handler, ServiceFailure } from './service.ts'

export const TIMEOUT_MS = 3000

/** Serves `METHOD /path` handlers; a free port of loopback. */
export function serveHttp(
  handlers: Readonly<Record<string, Handler>>,
  run: (operation: string, handler: Handler, request: Parameters<Handler>[0]) => ReturnType<Handler>,
): Promise<number> {
  const app = express()
  app.use(express.json())
  for (const [operation, handler] of Object.entries(handlers)) {
    const [method = '', path = ''] = operation.split(' ')
    app.all(path, async (request, response, next) => {
      if (request.method !== method) return next()
      const params: Record<string, string> = {}
      for (const [name, value] of Object.entries(request.params)) params[name] = String(value)
      try {
        response.json(await run(operation, handler, { params, body: request.body ?? {} }))
      } catch (error) {
        response.status(500).json({ error: error instanceof Error ? error.message : String(error) })
      }
    })
  }
  return new Promise((resolve, reject) => {
    const server = app.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
    server.once('error', reject)
  })
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 })

/** Calls `METHOD /path`; rejects on any answer but 2xx. */
export function callHttp(
  service: string,
  port: number,
  operation: string,
  body: Record<string, unknown> | undefined,
): Promise<Record<string, unknown>> {
  const [method = 'GET', path = '/'] = operation.split(' ')
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: service,
        lookup,
        port,
        method,
        path,
        agent,
        timeout: TIMEOUT_MS,
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('error', reject)
        response.on('end', () => {
          if (response.statusCode !== 200) {
            reject(new ServiceFailure(`${service} answered ${response.statusCode}`))
          } else resolve(JSON.parse(text))
        })
      },
    )
    request.on('timeout', () => request.destroy(new Error(`${service} timed out`)))
    request.on('error', reject)
    request.end(body && JSON.stringify(body))
  })
}
