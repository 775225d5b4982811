import { readFileSync } from 'node:fs'
import { cpus, platform, release, totalmem } from 'node:os'

/** The machine in a line: what figures depend on, and nothing that names it. */
export function describeMachine(): string {
  const all = cpus()
  const model = all[0]?.model.replaceAll(/\s+/g, ' ').trim() || 'unknown CPU'
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  const system = platform() === 'linux' ? 'Linux' : platform()
  return `${all.length} virtual CPUs (${model}), ${gigabytes} GB, ${system} ${release().split('-')[0]}, Node ${process.versions.node}`
}

/** Time of all CPUs since the start, in ticks. */
export interface MachineTime {
  readonly all: number
  /** What the host gave to others. */
  readonly stolen: number
  readonly idle: number
}

/** undefined where the system does not tell. */
export function machineTime(): MachineTime | undefined {
  try {
    return timeIn(readFileSync('/proc/stat', 'utf8'))
  } catch {
    return undefined
  }
}

/** Fields of the first line: user, nice, system, idle, iowait, irq, softirq, steal (proc(5)); guest time is part of user time. */
export function timeIn(stat: string): MachineTime {
  const fields = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').slice(0, 8).map(Number)
  return {
    all: fields.reduce((sum, each) => sum + each, 0),
    idle: (fields[3] ?? 0) + (fields[4] ?? 0),
    stolen: fields[7] ?? 0,
  }
}

/** How the machine fared between two moments, in words. */
export function conditionsBetween(
  begin: MachineTime | undefined,
  end: MachineTime | undefined,
): string | undefined {
  if (begin === undefined || end === undefined || end.all <= begin.all) return undefined
  const share = (of: 'idle' | 'stolen') => Math.round((100 * (end[of] - begin[of])) / (end.all - begin.all))
  return `CPUs idle ${share('idle')} % of the time, the host took ${share('stolen')} %`
}
