import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second of /proc/PID/stat. */
const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** User and system time that a process has used, all its threads, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold anything; fields count from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticks
}

/** Time that the machine wanted its cores and others had them, of all cores, in seconds since it started. */
export function stolenSeconds(): number {
  const [, , , , , , , , stolen] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 9)
  return Number(stolen) / ticks
}

/** The most memory that a process ever held, in megabytes. */
export const peakRssMb = (pid: number): number => statusMb(pid, 'VmHWM')

/** What it holds now, in megabytes. */
export const rssMb = (pid: number): number => statusMb(pid, 'VmRSS')

/** File descriptors that it has open. */
export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

function statusMb(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = status
    .split('\n')
    .find((line) => line.startsWith(`${field}:`))
    ?.match(/\d+/)?.[0]
  return (Number(kib) * 1024) / 1e6
}
