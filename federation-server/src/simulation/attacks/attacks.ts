import type { Attack } from '../attack.ts'
import { alie } from './alie.ts'
import { disguised } from './disguised.ts'
import { ipm } from './ipm.ts'
import { labelFlip } from './label-flip.ts'
import { minMax } from './min-max.ts'
import { minSum } from './min-sum.ts'
import { notANumber } from './not-a-number.ts'
import { scaling } from './scaling.ts'
import { signFlip } from './sign-flip.ts'
import { stealthDrift } from './stealth-drift.ts'
import { sybil } from './sybil.ts'

/** Every attack there is. */
export const attacks: readonly Attack[] = [
  notANumber,
  scaling,
  signFlip,
  labelFlip,
  alie,
  ipm,
  minMax,
  minSum,
  sybil,
  stealthDrift,
  disguised(minMax),
  disguised(ipm),
]
