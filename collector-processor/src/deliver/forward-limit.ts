import { SendError } from './forward-sender.ts'

/** Node's timers count in 32 bits. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Bounds one attempt, from its begin to the last byte of its answer, whatever goes on at the socket: calls `cut` with the
 * reason when `timeoutMs` have passed or `stop` is aborted. Returns what lifts the bound.
 */
export function limitAttempt(
  timeoutMs: number,
  stop: AbortSignal,
  cut: (reason: SendError) => void,
): () => void {
  const end = (reason: string) => {
    lift()
    cut(new SendError(reason, { retryable: true }))
  }
  const onStop = () => end('cut off by the stop')
  const late = setTimeout(() => end(`no answer in ${timeoutMs} ms`), Math.min(timeoutMs, LONGEST_MS))
  const lift = () => {
    clearTimeout(late)
    stop.removeEventListener('abort', onStop)
  }
  if (stop.aborted) onStop()
  else stop.addEventListener('abort', onStop)
  return lift
}
