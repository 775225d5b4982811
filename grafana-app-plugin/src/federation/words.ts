import type { RoundState, RunState } from '@adf/contract/federation'
import { say } from '../text/say.ts'

export const runState = (state: RunState): string =>
  ({
    running: say('run.running', 'running'),
    paused: say('run.paused', 'paused'),
    finished: say('run.finished', 'finished'),
  })[state]

export const roundState = (state: RoundState): string =>
  ({
    OPEN: say('round.open', 'waits for clients'),
    SELECTED: say('round.selected', 'clients are chosen'),
    CONFIGURED: say('round.configured', 'clients get the model'),
    COLLECTING: say('round.collecting', 'collects updates'),
    VALIDATING: say('round.validating', 'checks updates'),
    AGGREGATING: say('round.aggregating', 'aggregates'),
    COMMITTED: say('round.committed', 'committed'),
    ABANDONED: say('round.abandoned', 'abandoned'),
  })[state]
