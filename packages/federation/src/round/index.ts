export { type Learned, type LocalRound, localRound, type NothingLearned } from './local-round.ts'
