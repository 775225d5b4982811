import type { Scored } from './exchange/folder.ts'
import type { Judgement, Truth } from './judge.ts'

/** What a detector said of a case, and what it is worth. */
export interface Judged {
  readonly truth: Truth
  readonly scored: Scored
  readonly judgement: Judgement
}
