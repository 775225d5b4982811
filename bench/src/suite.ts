/** One line of a benchmark's result: the contract of `--json`. */
export interface Row {
  readonly suite: string
  /** `SET/NAME` (data file, fault), a setting, or `SET:mean` for the aggregate. */
  readonly case: string
  /** Detector, method or peer; `adf` is our default. */
  readonly subject: string
  readonly measure: string
  /** The median, where it was measured several times. */
  readonly value: number
  /** Of the several times. */
  readonly min?: number
  readonly max?: number
}

export interface BenchOptions {
  /** Folder of the data sets (`--data`, `ADF_DATA`). */
  readonly data: string
  /** Folder for raw results; undefined = keep none. */
  readonly out: string | undefined
  /** Shorter and rougher: for checking that it runs. */
  readonly quick: boolean
  /** Published detectors in the same run, where the benchmark has any. */
  readonly peers: boolean
  /** How long a benchmark that may be long or short takes; undefined: its own choice. */
  readonly minutes: number | undefined
  /** Says on stderr how far it is. */
  readonly progress: (text: string) => void
}

/** A named benchmark of a suite; `npm run bench -- SUITE --only NAME` runs it alone. */
export interface Benchmark {
  readonly suite: string
  readonly name: string
  readonly describe: string
  run(options: BenchOptions): Promise<readonly Row[]>
}

/** Data or a program that the benchmark needs is not there. The message says what and how to get it. */
export class Missing extends Error {
  override readonly name = 'Missing'
}
