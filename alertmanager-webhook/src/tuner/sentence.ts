import type { Effect, Step } from './step.ts'

const REFUSALS = {
  held_back: 'the last step this way was undone',
  replay_worse: 'replayed over what is stored it would have cost more',
  too_little_known: 'too little is known to be sure enough',
} as const

type Told = Omit<Step, 'sentence'>

/** A step in one sentence, for people. */
export function sentenceOf(step: Told): string {
  const { kind, from, to, action, expected } = step
  const way = action === 'down' ? 'lower' : 'raise'
  if (kind === 'rolled_back')
    return `went back to ${number(to)}: since the step to ${number(from)} ${outcome(step.seen ?? expected)}`
  if (kind === 'refused')
    return `stays at ${number(from)}, did not ${way} it${number(to) === number(from) ? '' : ` to ${number(to)}`}: ${step.refusal === null ? 'refused' : REFUSALS[step.refusal]}`
  const done = kind === 'made' ? `${way}${action === 'down' ? 'ed' : 'd'}` : `would ${way}`
  const there = `once the threshold is at ${number(step.wanted)}`
  return `${done} one step to ${number(to)}: ${because(expected)}; expected ${outcome(expected)}${step.wanted === to ? '' : `, ${there}`}`
}

/** Why, in the words of the verdicts. */
function because({ judgedNoise, judgedUseful }: Effect): string {
  const judged = judgedNoise + judgedUseful
  if (judged === 0) return 'nobody has judged its alerts, others of its kind speak for it'
  return `${judgedNoise} of ${judged} verdicts were noise`
}

function outcome({
  alertsBefore,
  alertsAfter,
  noiseGone,
  judgedNoise,
  usefulLost,
  judgedUseful,
  days,
}: Effect): string {
  const span = `in ${number(days)} days`
  if (alertsAfter > alertsBefore)
    return `${alertsAfter - alertsBefore} alerts more ${span}, ${usefulLost} of ${judgedUseful} useful ones among them`
  const useful = usefulLost === 0 ? 'no useful one lost' : `${usefulLost} of ${judgedUseful} useful ones lost`
  const noise = judgedNoise === 0 ? '' : `${noiseGone} of ${judgedNoise} noise alerts fewer, `
  return `${alertsBefore - alertsAfter} of ${alertsBefore} alerts fewer ${span}, ${noise}${useful}`
}

const number = (value: number): string => String(Math.round(value * 100) / 100)
