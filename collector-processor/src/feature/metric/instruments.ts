/** What a series feeds. Names are those of the quantities, not of features: a feature is made of several. */
export type Quantity =
  | 'http'
  | 'http_old'
  | 'cpu_idle_share'
  | 'cpu_wait_share'
  | 'cpu_idle_time'
  | 'cpu_busy_time'
  | 'load1'
  | 'load5'
  | 'memory_used_share'
  | 'memory_used'
  | 'memory_other'
  | 'memory_available'
  | 'filesystem_used_share'
  | 'filesystem_used'
  | 'filesystem_free'
  | 'disk_read_time'
  | 'disk_write_time'
  | 'disk_reads'
  | 'disk_writes'
  | 'network_tx_errors'
  | 'network_rx_errors'
  | 'network_drops'
  | 'network_tx_packets'
  | 'network_rx_packets'
  | 'network_bytes'

/** How to read one series: its quantity, and for file systems which one it is. */
export interface Role {
  readonly quantity: Quantity
  /** The point's value is of this moment (a level) or has to be turned into a rate. */
  readonly level: boolean
  readonly failed?: boolean
  readonly filesystem?: string
  /** The attribute names met, for `adf doctor`. */
  readonly dialect: string
}

type Attributes = ReadonlyMap<string, string>

/** The first of several names for one attribute that is there: [value, name]. */
function first(attributes: Attributes, names: readonly string[]): readonly [string, string] | undefined {
  for (const name of names) {
    const value = attributes.get(name)
    if (value !== undefined && value !== '') return [value, name]
  }
  return undefined
}

const CPU_STATE = ['cpu.mode', 'system.cpu.state', 'cpu.state', 'state']
const MEMORY_STATE = ['system.memory.state', 'memory.state', 'state']
const FILESYSTEM_STATE = ['system.filesystem.state', 'filesystem.state', 'state']
const DISK_DIRECTION = ['disk.io.direction', 'system.disk.direction', 'disk.direction', 'direction']
const NETWORK_DIRECTION = [
  'network.io.direction',
  'system.network.direction',
  'network.direction',
  'direction',
]
const INTERFACE = ['network.interface.name', 'system.network.interface', 'system.device', 'device']
const STATUS = ['http.response.status_code', 'http.status_code']

const IDLE = new Set(['idle'])
const WAIT = new Set(['wait', 'iowait'])
const LOOPBACK = new Set(['lo', 'lo0', 'Loopback Pseudo-Interface 1'])
/** Parts of `used` and `cached`, reported beside them by the collector on Linux. */
const COUNTED_TWICE = new Set(['slab_reclaimable', 'slab_unreclaimable', 'shared'])
/** Images that are full by nature. */
const READ_ONLY = new Set(['squashfs', 'iso9660', 'erofs', 'udf'])

const level = (quantity: Quantity, dialect = ''): Role => ({ quantity, level: true, dialect })
const rate = (quantity: Quantity, dialect = ''): Role => ({ quantity, level: false, dialect })

/** Undefined: the series is none of a feature's business (the loopback interface, an unknown direction). */
type Reader = (attributes: Attributes) => Role | undefined

const http =
  (quantity: 'http' | 'http_old'): Reader =>
  (attributes) => {
    const status = first(attributes, STATUS)
    const failed = attributes.has('error.type') || Number(status?.[0]) >= 500
    return { quantity, level: false, failed, dialect: status?.[1] ?? '' }
  }

const cpu =
  (share: boolean): Reader =>
  (attributes) => {
    const state = first(attributes, CPU_STATE)
    if (state === undefined) return undefined
    const [value, name] = state
    if (share) {
      if (IDLE.has(value)) return level('cpu_idle_share', name)
      return WAIT.has(value) ? level('cpu_wait_share', name) : undefined
    }
    return rate(IDLE.has(value) || WAIT.has(value) ? 'cpu_idle_time' : 'cpu_busy_time', name)
  }

const memoryShare: Reader = (attributes) => {
  const state = first(attributes, MEMORY_STATE)
  return state?.[0] === 'used' ? level('memory_used_share', state[1]) : undefined
}

const memory: Reader = (attributes) => {
  const state = first(attributes, MEMORY_STATE)
  if (state === undefined || COUNTED_TWICE.has(state[0])) return undefined
  return level(state[0] === 'used' ? 'memory_used' : 'memory_other', state[1])
}

const filesystem =
  (share: boolean): Reader =>
  (attributes) => {
    const type = first(attributes, ['system.filesystem.type', 'type'])?.[0] ?? ''
    const mode = first(attributes, ['system.filesystem.mode', 'mode'])?.[0]
    if (READ_ONLY.has(type) || mode === 'ro') return undefined
    const state = first(attributes, FILESYSTEM_STATE)
    const device = first(attributes, ['system.device', 'device'])?.[0] ?? ''
    const mount = first(attributes, ['system.filesystem.mountpoint', 'mountpoint'])?.[0] ?? ''
    const role = { level: true, filesystem: `${device} ${mount}`, dialect: state?.[1] ?? '' }
    if (share) {
      return state === undefined || state[0] === 'used'
        ? { ...role, quantity: 'filesystem_used_share' }
        : undefined
    }
    if (state?.[0] === 'used') return { ...role, quantity: 'filesystem_used' }
    return state?.[0] === 'free' ? { ...role, quantity: 'filesystem_free' } : undefined
  }

const disk =
  (read: Quantity, write: Quantity): Reader =>
  (attributes) => {
    const direction = first(attributes, DISK_DIRECTION)
    if (direction?.[0] === 'read') return rate(read, direction[1])
    return direction?.[0] === 'write' ? rate(write, direction[1]) : undefined
  }

const network =
  (transmit: Quantity, receive: Quantity): Reader =>
  (attributes) => {
    if (LOOPBACK.has(first(attributes, INTERFACE)?.[0] ?? '')) return undefined
    const direction = first(attributes, NETWORK_DIRECTION)
    if (direction?.[0] === 'transmit') return rate(transmit, direction[1])
    return direction?.[0] === 'receive' ? rate(receive, direction[1]) : undefined
  }

const packets = network('network_tx_packets', 'network_rx_packets')
const drops = network('network_drops', 'network_drops')

/**
 * The metrics that features are made of, by name: OpenTelemetry semantic conventions of several ages, as the collector's
 * host metrics receiver and the SDKs' host-metrics packages send them.
 */
export const INSTRUMENTS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['http.server.request.duration', http('http')],
  ['http.server.duration', http('http_old')],
  ['system.cpu.utilization', cpu(true)],
  ['system.cpu.time', cpu(false)],
  ['system.cpu.load_average.1m', () => level('load1')],
  ['system.cpu.load_average.5m', () => level('load5')],
  ['system.memory.utilization', memoryShare],
  ['system.memory.usage', memory],
  ['system.memory.linux.available', () => level('memory_available', 'system.memory.linux.available')],
  ['system.linux.memory.available', () => level('memory_available', 'system.linux.memory.available')],
  ['system.filesystem.utilization', filesystem(true)],
  ['system.filesystem.usage', filesystem(false)],
  ['system.disk.operation_time', disk('disk_read_time', 'disk_write_time')],
  ['system.disk.operations', disk('disk_reads', 'disk_writes')],
  ['system.network.errors', network('network_tx_errors', 'network_rx_errors')],
  ['system.network.packets', packets],
  ['system.network.packet.count', packets],
  ['system.network.dropped', drops],
  ['system.network.packet.dropped', drops],
  ['system.network.io', network('network_bytes', 'network_bytes')],
])

/** Factor from a metric's unit to milliseconds; by its name when the unit is missing. */
export function milliseconds(unit: string, name: string): number {
  switch (unit) {
    case 's':
      return 1000
    case 'ms':
      return 1
    case 'us':
      return 1e-3
    case 'ns':
      return 1e-6
    default:
      return name === 'http.server.duration' ? 1 : 1000
  }
}
