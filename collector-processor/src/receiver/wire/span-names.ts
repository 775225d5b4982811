import { PeerKind } from '../../telemetry/batch.ts'
import type { SpanColumns } from '../../telemetry/columns.ts'
import {
  addressSlot,
  httpFailed,
  isPort,
  needsPort,
  numberOf,
  peerKind,
  peerSlot,
  portSlot,
  rpcFailed,
  rpcStatusCode,
  Slot,
} from '../../telemetry/span-attributes.ts'
import { EMPTY, OTHER, type StringTable } from '../../telemetry/strings.ts'
import type { SpanSlots } from './span-slots.ts'

const MAX_ADDRESS = 512
const UNKNOWN = 0
const PORT_BELONGS = 1

/** Fills the columns that come of attributes: failed, peer, peerKind, address. Makes no string for a name seen before. */
export class SpanNames {
  private readonly strings: StringTable
  private readonly scratch = new Uint8Array(MAX_ADDRESS + 24)
  /** Direct-mapped cache: address and port last put together in a place, and their string id. */
  private readonly composedHosts = new Uint32Array(4096)
  private readonly composedPorts = new Int32Array(4096).fill(-1)
  private readonly composedIds = new Uint32Array(4096)
  /** String id of the address that `withPort` last looked at, without its port. */
  private host = EMPTY
  /** By string id: whether the port belongs to the name. */
  private hostForm = new Uint8Array(1024)

  constructor(strings: StringTable) {
    this.strings = strings
  }

  fill(columns: SpanColumns, row: number, bytes: Uint8Array, slots: SpanSlots): void {
    const { present } = slots
    const kind = columns.kind[row]!
    columns.failed[row] = this.failed(kind, bytes, slots) ? 1 : 0
    const peer = peerKind(kind, present)
    // only of who calls: the address of a server span is its own
    const address = peer === PeerKind.none ? -1 : addressSlot(present)
    const addressId = address < 0 ? EMPTY : this.withPort(bytes, slots, address)
    columns.address[row] = addressId
    const named = peer === 0 ? -1 : peerSlot(peer, present)
    if (named < 0) {
      columns.peer[row] = EMPTY
      columns.peerKind[row] = 0
      return
    }
    const name = named === address ? this.host : this.text(bytes, slots, named)
    const withPort = portSlot(named) >= 0 && this.portBelongs(name)
    columns.peer[row] = !withPort ? name : named === address ? addressId : this.withPort(bytes, slots, named)
    columns.peerKind[row] = peer
  }

  private failed(kind: number, bytes: Uint8Array, slots: SpanSlots): boolean {
    const { present } = slots
    if ((present & 0b1111) === 0) return false
    if ((present & (1 << Slot.errorType)) !== 0) return true
    if ((present & (1 << Slot.httpStatus)) !== 0 && httpFailed(this.number(bytes, slots, Slot.httpStatus))) {
      return true
    }
    if (
      (present & (1 << Slot.grpcStatus)) !== 0 &&
      rpcFailed(kind, this.number(bytes, slots, Slot.grpcStatus))
    ) {
      return true
    }
    if ((present & (1 << Slot.rpcStatus)) === 0) return false
    const code = slots.number(Slot.rpcStatus)
      ? String(slots.numberOf(Slot.rpcStatus))
      : ascii(bytes, slots, Slot.rpcStatus)
    return rpcFailed(kind, rpcStatusCode(code))
  }

  private number(bytes: Uint8Array, slots: SpanSlots, slot: number): number {
    return slots.number(slot) ? slots.numberOf(slot) : numberOf(ascii(bytes, slots, slot))
  }

  private text(bytes: Uint8Array, slots: SpanSlots, slot: number): number {
    if (slots.number(slot)) return this.strings.intern(String(slots.numberOf(slot)))
    return this.strings.internBytes(bytes, slots.start(slot), slots.end(slot))
  }

  private portBelongs(name: number): boolean {
    if (name >= this.hostForm.length) {
      const larger = new Uint8Array(Math.max(this.hostForm.length * 2, name + 1))
      larger.set(this.hostForm)
      this.hostForm = larger
    }
    if (this.hostForm[name] === UNKNOWN) this.hostForm[name] = needsPort(this.strings.get(name)) ? 1 : 2
    return this.hostForm[name] === PORT_BELONGS
  }

  /** `address:port`, put together outside of any string. OTHER as address is not put together: it stands for many. */
  private withPort(bytes: Uint8Array, slots: SpanSlots, address: number): number {
    const port = portSlot(address)
    const start = slots.start(address)
    const length = slots.end(address) - start
    const portNumber = (slots.present & (1 << port)) === 0 ? Number.NaN : this.number(bytes, slots, port)
    const host = this.text(bytes, slots, address)
    this.host = host
    if (slots.number(address) || length > MAX_ADDRESS || !isPort(portNumber)) return host
    if (host === OTHER) return OTHER
    const place = Math.imul(Math.imul(host, 31) + portNumber, 0x9e3779b1) >>> 20
    if (this.composedHosts[place] === host && this.composedPorts[place] === portNumber) {
      return this.composedIds[place]!
    }
    const { scratch } = this
    for (let i = 0; i < length; i++) scratch[i] = bytes[start + i]!
    let end = length
    scratch[end++] = 0x3a
    let divisor = 1
    while (divisor * 10 <= portNumber) divisor *= 10
    for (; divisor >= 1; divisor = Math.floor(divisor / 10)) {
      scratch[end++] = 0x30 + (Math.floor(portNumber / divisor) % 10)
    }
    const id = this.strings.internBytes(scratch, 0, end)
    this.composedHosts[place] = host
    this.composedPorts[place] = portNumber
    this.composedIds[place] = id
    return id
  }
}

/** Short text of a status code; anything long is no code. */
function ascii(bytes: Uint8Array, slots: SpanSlots, slot: number): string {
  const start = slots.start(slot)
  let text = ''
  for (let i = start; i < Math.min(slots.end(slot), start + 32); i++) text += String.fromCharCode(bytes[i]!)
  return text
}
