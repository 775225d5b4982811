import { getBackendSrv, isFetchError } from '@grafana/runtime'
import { lastValueFrom } from 'rxjs'
import type { Send } from './send.ts'

/** Grafana's proxy for the routes of plugin.json; it adds the token. */
const PROXY = '/api/plugin-proxy/adf-app/'

export const grafanaSend: Send = sendThrough(PROXY)

/** Requests to what lies below `base`, a path of Grafana's that ends in a slash. */
export function sendThrough(base: string): Send {
  return async ({ method, path, query, body, signal }) => {
    try {
      const { status, data } = await lastValueFrom(
        getBackendSrv().fetch<unknown>({
          url: `${base}${path}`,
          method,
          ...(query !== undefined && { params: { ...query } }),
          ...(body !== undefined && { data: body }),
          ...(signal !== undefined && { abortSignal: signal }),
          // The pages say themselves what went wrong, where it matters.
          showErrorAlert: false,
          showSuccessAlert: false,
        }),
      )
      return { status, body: data }
    } catch (error) {
      if (signal?.aborted) throw error
      if (isFetchError(error)) return { status: error.status, body: error.data }
      return { status: 0, body: error instanceof Error ? error.message : String(error) }
    }
  }
}
