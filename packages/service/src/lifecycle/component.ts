/**
 * A part that runs: a server, a queue, a timer.
 * start() resolves when the part is ready for work and rejects, with nothing left running, when it cannot be.
 * stop() finishes or gives up what is in flight and frees what start() took; it may be called before start(), after a
 * failed start() and more than once, and is then without effect. A stopped part is not started again.
 */
export interface Component {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
}
