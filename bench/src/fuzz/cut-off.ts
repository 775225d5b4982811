import { connect } from 'node:net'

const PATIENCE_MS = 5000

/** Writes bytes to a server on this machine and hangs up; resolves to the status of its answer, undefined when there is none. */
export function writeAndLeave(port: number, bytes: Uint8Array): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
    socket.setTimeout(PATIENCE_MS, () => socket.destroy())
    socket.on('data', (chunk) => {
      if (answer.length < 64) answer += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]))
  })
}
