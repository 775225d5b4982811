import { PeerKind, SpanKind } from './batch.ts'
import { GRPC_CODES } from './grpc-codes.ts'

/**
 * The span attributes that are read, old and new names of one thing under one slot where the first seen may stand for
 * both. Source: OpenTelemetry semantic conventions 1.20 (old) to 1.40.
 */
export const Slot = {
  httpStatus: 0,
  grpcStatus: 1,
  rpcStatus: 2,
  errorType: 3,
  peerService: 4,
  servicePeerName: 5,
  serverAddress: 6,
  serverPort: 7,
  netPeerName: 8,
  netPeerPort: 9,
  networkPeerAddress: 10,
  networkPeerPort: 11,
  dbNamespace: 12,
  dbSystem: 13,
  messagingSystem: 14,
  messagingDestination: 15,
  messagingTemplate: 16,
} as const
export const SLOTS = 17

export const SLOT_OF_KEY: ReadonlyMap<string, number> = new Map([
  ['http.response.status_code', Slot.httpStatus],
  ['http.status_code', Slot.httpStatus],
  ['rpc.grpc.status_code', Slot.grpcStatus],
  ['rpc.response.status_code', Slot.rpcStatus],
  ['error.type', Slot.errorType],
  ['peer.service', Slot.peerService],
  ['service.peer.name', Slot.servicePeerName],
  ['server.address', Slot.serverAddress],
  ['server.port', Slot.serverPort],
  ['net.peer.name', Slot.netPeerName],
  ['net.peer.port', Slot.netPeerPort],
  ['network.peer.address', Slot.networkPeerAddress],
  ['network.peer.port', Slot.networkPeerPort],
  ['net.peer.ip', Slot.networkPeerAddress],
  ['net.sock.peer.addr', Slot.networkPeerAddress],
  ['net.sock.peer.port', Slot.networkPeerPort],
  ['db.namespace', Slot.dbNamespace],
  ['db.name', Slot.dbNamespace],
  ['db.system.name', Slot.dbSystem],
  ['db.system', Slot.dbSystem],
  ['messaging.system', Slot.messagingSystem],
  ['messaging.destination.name', Slot.messagingDestination],
  ['messaging.destination', Slot.messagingDestination],
  ['messaging.destination.template', Slot.messagingTemplate],
])

const bit = (slot: number) => 1 << slot
const DATABASE = bit(Slot.dbNamespace) | bit(Slot.dbSystem)
const MESSAGING = bit(Slot.messagingSystem) | bit(Slot.messagingDestination) | bit(Slot.messagingTemplate)

/** Naming orders: the first slot that is set names the peer. A template comes before the name it is filled into: it has few values. */
const NAMED_AS = [Slot.peerService, Slot.servicePeerName, Slot.serverAddress, Slot.netPeerName]
const DATABASE_ORDER = [...NAMED_AS, Slot.networkPeerAddress, Slot.dbNamespace, Slot.dbSystem]
const MESSAGING_ORDER = [
  Slot.messagingTemplate,
  Slot.messagingDestination,
  ...NAMED_AS,
  Slot.networkPeerAddress,
  Slot.messagingSystem,
]
const PEER_ORDER = [...NAMED_AS, Slot.networkPeerAddress]

/** PeerKind that the set slots (bits) of a span speak of; only CLIENT and PRODUCER spans have a peer. */
export function peerKind(spanKind: number, present: number): number {
  if (spanKind !== SpanKind.client && spanKind !== SpanKind.producer) return PeerKind.none
  if (spanKind === SpanKind.producer || (present & MESSAGING) !== 0) return PeerKind.messaging
  return (present & DATABASE) !== 0 ? PeerKind.database : PeerKind.peer
}

/** Slot that names the peer, or -1 when none does. */
export function peerSlot(kind: number, present: number): number {
  const order =
    kind === PeerKind.database ? DATABASE_ORDER : kind === PeerKind.messaging ? MESSAGING_ORDER : PEER_ORDER
  for (let i = 0; i < order.length; i++) if ((present & bit(order[i]!)) !== 0) return order[i]!
  return -1
}

const ADDRESSES = [Slot.serverAddress, Slot.netPeerName, Slot.networkPeerAddress]

/** Slot of the address that a known service may be recognised by, or -1. */
export function addressSlot(present: number): number {
  for (let i = 0; i < ADDRESSES.length; i++) if ((present & bit(ADDRESSES[i]!)) !== 0) return ADDRESSES[i]!
  return -1
}

/** Slot of the port that goes with an address's slot; -1 for slots that are no address. */
export function portSlot(address: number): number {
  if (address === Slot.serverAddress) return Slot.serverPort
  if (address === Slot.netPeerName || address === Slot.networkPeerAddress) {
    return address === Slot.netPeerName ? Slot.netPeerPort : Slot.networkPeerPort
  }
  return -1
}

const NUMERIC_HOST = /^(localhost|[0-9.]+|\[?[0-9a-f:.]*:[0-9a-f:.]*\]?)$/i

/** True for an IP address or localhost: it names a machine, where several peers may listen, so the port belongs to the name. */
export function needsPort(host: string): boolean {
  return NUMERIC_HOST.test(host)
}

/** A status code or port that an instrumentation wrote as text; NaN when it is none. */
export function numberOf(text: string): number {
  return /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
}

export const isPort = (port: number) => Number.isInteger(port) && port >= 0 && port <= 65_535

/** gRPC status code of `rpc.response.status_code`, which is a name or a number as text. Unknown ones count as UNKNOWN. */
export function rpcStatusCode(text: string): number {
  if (text === '') return 0
  const code = /^\d+$/.test(text) ? Number(text) : GRPC_CODES.indexOf(text.toUpperCase())
  return code >= 0 && code < GRPC_CODES.length ? code : 2
}

/** Codes that are the server's own failure (semantic conventions for gRPC): UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const SERVER_FAULTS = bit(2) | bit(4) | bit(12) | bit(13) | bit(14) | bit(15)

/** True when a gRPC code is a failure as the given side sees it. */
export function rpcFailed(spanKind: number, code: number): boolean {
  return spanKind === SpanKind.server ? code > 16 || (SERVER_FAULTS & bit(code)) !== 0 : code !== 0
}

export const httpFailed = (status: number) => status >= 500
