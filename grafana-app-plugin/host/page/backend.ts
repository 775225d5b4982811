import type { BackendSrv, BackendSrvRequest, FetchError, FetchResponse } from '@grafana/runtime'
import { from, type Observable } from 'rxjs'

async function send<T>(request: BackendSrvRequest): Promise<FetchResponse<T>> {
  const url = new URL(request.url.replace(/^\/?/, '/'), location.origin)
  for (const [name, value] of Object.entries(request.params ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  const response = await fetch(url, {
    method: request.method ?? 'GET',
    headers: { 'content-type': 'application/json', ...request.headers },
    ...(request.data !== undefined && { body: JSON.stringify(request.data) }),
    ...(request.abortSignal !== undefined && { signal: request.abortSignal }),
  })
  const text = await response.text()
  const { status, statusText, ok, headers, redirected, type } = response
  const answer = { status, statusText, ok, headers, redirected, type, url: url.href, config: request }
  const data = parsed(text)
  if (!ok) throw { ...answer, data } satisfies FetchError
  return { ...answer, data: data as T }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const data = <T>(request: BackendSrvRequest) => send<T>(request).then((response) => response.data)

/** The part of Grafana's client that an app may use. */
export const backend: BackendSrv = {
  fetch: <T>(request: BackendSrvRequest): Observable<FetchResponse<T>> => from(send<T>(request)),
  chunked: () => {
    throw new Error('the console streams nothing')
  },
  request: data,
  datasourceRequest: send,
  get: (url: string, params?: BackendSrvRequest['params']) => data({ url, params }),
  delete: (url: string, body?: unknown) => data({ url, method: 'DELETE', data: body }),
  post: (url: string, body?: unknown) => data({ url, method: 'POST', data: body }),
  patch: (url: string, body?: unknown) => data({ url, method: 'PATCH', data: body }),
  put: (url: string, body?: unknown) => data({ url, method: 'PUT', data: body }),
}
