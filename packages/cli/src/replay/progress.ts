import ora from 'ora'
import { writeRemark } from '../output/write.ts'

/** Nothing is said of what takes less. */
const SILENT_MS = 1000
const EVERY_MS = { terminal: 100, file: 10_000 }

/** How far a replay is, on standard error: a line that changes on a terminal, else one every ten seconds. */
export class ReplayProgress {
  readonly #total: number
  readonly #startMs = performance.now()
  readonly #spinner = ora({ stream: process.stderr, isSilent: !process.stderr.isTTY, discardStdin: false })
  #passed = 0
  #toldMs = this.#startMs

  constructor(totalBytes: number) {
    this.#total = Math.max(1, totalBytes)
  }

  passed(bytes: number): void {
    this.#passed += bytes
  }

  /** Cheap enough to be called every step. */
  tell(nowMs: number, records: number, incidents: number): void {
    const at = performance.now()
    const { isTTY } = process.stderr
    if (at - this.#startMs < SILENT_MS || at - this.#toldMs < (isTTY ? EVERY_MS.terminal : EVERY_MS.file))
      return
    this.#toldMs = at
    const share = Math.min(99, Math.floor((100 * this.#passed) / this.#total))
    const text = `${share} %  ${new Date(nowMs).toISOString()}  ${records} records  ${incidents} incidents`
    if (!isTTY) {
      writeRemark(text)
      return
    }
    if (!this.#spinner.isSpinning) this.#spinner.start()
    this.#spinner.text = text
    this.#spinner.render()
  }

  /** Makes room for a line of output. */
  clear(): void {
    if (this.#spinner.isSpinning) this.#spinner.clear()
  }

  stop(): void {
    this.#spinner.stop()
  }
}
