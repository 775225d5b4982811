import { SecureAggregationError } from './secure-aggregation-error.ts'
import { digestOf } from './transcript.ts'

/** What all of a round agree on before it begins. Plain data, from the server. */
export interface SecureRound {
  readonly run: string
  readonly round: number
  /** Version of the weights that updates begin with. */
  readonly base: number
  /** Clients that may take part at most: the sum of so many cannot overflow. */
  readonly clients: number
  /** Shares that a secret needs, and survivors that the round needs; more than half of those who take part. */
  readonly threshold: number
  /** Values of an update. */
  readonly length: number
  /** Values beyond ±clip are cut to it. */
  readonly clip: number
  /** Samples that a client counts for at most. */
  readonly sampleCap: number
}

/** Coordinates of GF(2⁸) without zero. */
const MOST_CLIENTS = 255
/** With two, each could subtract itself from the sum. */
const FEWEST_CLIENTS = 3
const MOST_VALUES = 2 ** 24
/** Beyond these the scale would lose bits; no weight does. */
const SMALLEST_CLIP = 1e-30
const LARGEST_CLIP = 1e30
/** Largest sum of the ring that is not read as negative. */
const LARGEST_SUM = 2 ** 31 - 1
/** Steps between 0 and clip, for a client of one sample, below which the mean would be of noise. */
const FEWEST_STEPS = 8

/** The largest value that a client may put into the ring, of either sign: n of them do not overflow. */
export const largestTerm = ({ clients }: SecureRound): number => Math.floor(LARGEST_SUM / clients)

/** Ring units for each unit of a value and sample. */
export const scaleOf = (round: SecureRound): number => largestTerm(round) / (round.clip * round.sampleCap)

/** @throws SecureAggregationError `invalid_parameters`, with every fault */
export function checkRound(round: SecureRound): void {
  const { run, clients, threshold, length, clip, sampleCap } = round
  const whole = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most
  const faults = [
    [run.length > 0 && run.length <= 63, `run ${JSON.stringify(run)} must have 1 to 63 characters`],
    [whole(round.round, 1, 2 ** 53), `round ${round.round} must be a whole number from 1`],
    [whole(round.base, 0, 2 ** 53), `base ${round.base} must be a whole number from 0`],
    [
      whole(clients, FEWEST_CLIENTS, MOST_CLIENTS),
      `clients ${clients} must be ${FEWEST_CLIENTS} to ${MOST_CLIENTS}`,
    ],
    [
      whole(threshold, 2, clients) && 2 * threshold > clients,
      `threshold ${threshold} must be more than half of ${clients} clients, and at most all`,
    ],
    [whole(length, 1, MOST_VALUES), `length ${length} must be 1 to ${MOST_VALUES}`],
    [
      clip >= SMALLEST_CLIP && clip <= LARGEST_CLIP,
      `clip ${clip} must be ${SMALLEST_CLIP} to ${LARGEST_CLIP}`,
    ],
    [
      whole(sampleCap, 1, Math.floor(largestTerm(round) / FEWEST_STEPS)),
      `sampleCap ${sampleCap} must be 1 to ${Math.floor(largestTerm(round) / FEWEST_STEPS)} with ${clients} clients`,
    ],
  ] as const
  const found = faults.filter(([sound]) => !sound).map(([, fault]) => fault)
  if (found.length > 0) throw new SecureAggregationError('invalid_parameters', found.join('; '))
}

/** All parameters, in one hash that everything else is bound to. */
export const roundDigest = (round: SecureRound): Uint8Array =>
  digestOf('round', [
    round.run,
    round.round,
    round.base,
    round.clients,
    round.threshold,
    round.length,
    round.clip,
    round.sampleCap,
  ])
