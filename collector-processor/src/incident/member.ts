import type { Anomaly } from '@adf/contract'
import { nodeOf } from './entity-node.ts'
import type { Symptom } from './ports.ts'

/** Kinds of symptom held for one member; the weakest gives way. */
const MAX_SYMPTOMS = 200
/** Symptoms from this part of the strongest on say what kind of trouble it is. */
const TELLING = 0.5

export const serviceKey = (service: string): string => `service\u0000${service}`
const hostKey = (host: string): string => `host\u0000${host}`
/** The service of a key; undefined when it is no service's. */
export const serviceOfKey = (key: string): string | undefined =>
  key.startsWith('service\u0000') ? key.slice('service\u0000'.length) : undefined

export const streamEntity = (anomaly: Anomaly): string => `${anomaly.stream}\u0000${anomaly.entity.id}`
export const entityIdOf = (key: string): string => key.slice(key.indexOf('\u0000') + 1)

/** What an anomaly is grouped by: its service with all instances and streams, its host, else its entity in its stream. */
export function memberKeyOf(anomaly: Anomaly): string {
  const service = nodeOf(anomaly.entity)
  if (service !== undefined) return serviceKey(service)
  const { kind, host } = anomaly.entity
  return kind === 'host' && host !== undefined ? hostKey(host) : `entity\u0000${streamEntity(anomaly)}`
}

/** A service, a host or another entity with anomalies: an incident has it whole or not at all. Times are event time, ms. */
export class Member {
  readonly key: string
  readonly service: string | undefined
  /** Of a host only. */
  readonly host: string | undefined
  readonly entities = new Set<string>()
  /** Hosts that its anomalous instances run on. */
  readonly runsOn = new Set<string>()
  sinceMs = Number.POSITIVE_INFINITY
  lastMs = Number.NEGATIVE_INFINITY
  maxScore = 0
  count = 0
  /** Of the anomalies that are held, while it may yet move to another incident. */
  anomalyIds: string[] = []
  strongest = { score: -1, text: '' }
  readonly #symptoms = new Map<string, Symptom>()

  constructor(key: string, service: string | undefined, host: string | undefined) {
    this.key = key
    this.service = service
    this.host = host
  }

  /** The member that the anomaly is of, without taking it. */
  static of(anomaly: Anomaly): Member {
    const { kind, host } = anomaly.entity
    return new Member(memberKeyOf(anomaly), nodeOf(anomaly.entity), kind === 'host' ? host : undefined)
  }

  /** What the anomaly says of who suffers and how, without counting it. True when that is news. */
  take(anomaly: Anomaly): boolean {
    const { entity, score } = anomaly
    const timeMs = Date.parse(anomaly.time)
    this.entities.add(streamEntity(anomaly))
    this.sinceMs = Math.min(this.sinceMs, timeMs)
    this.lastMs = Math.max(this.lastMs, timeMs)
    this.maxScore = Math.max(this.maxScore, score)
    if (entity.kind !== 'host' && entity.host !== undefined) this.runsOn.add(entity.host)
    if (score > this.strongest.score) {
      const text = anomaly.contributions[0]?.text ?? 'unusual'
      this.strongest = {
        score,
        text: this.service === undefined ? `${entity.kind} ${entity.id}: ${text}` : text,
      }
    }
    let news = false
    for (const part of anomaly.contributions) {
      if (part.value === null || part.share === 0) continue
      const symptom = {
        stream: anomaly.stream,
        service: this.service,
        host: this.host,
        feature: part.feature,
        value: part.value,
        expected: part.expected ?? Number.NaN,
        strength: score * part.share,
        sinceMs: timeMs,
      }
      news = this.#see(symptom) || news
    }
    return news
  }

  symptoms(): Iterable<Symptom> {
    return this.#symptoms.values()
  }

  /**
   * Whether it only does less, or is asked more or less often: that follows from trouble elsewhere and is no reason to look
   * for a cause here. Whoever is asked less has few requests to measure, so other features of it say little then. Less of
   * what is left of a resource is trouble.
   */
  get onlyFollows(): boolean {
    let strongest = 0
    for (const { strength } of this.#symptoms.values()) strongest = Math.max(strongest, strength)
    const telling = [...this.#symptoms.values()].filter(({ strength }) => strength >= TELLING * strongest)
    if (telling.some(({ feature, value, expected }) => feature === 'request_rate' && value < expected))
      return true
    return (
      telling.length > 0 &&
      telling.every(
        ({ feature, value, expected }) =>
          feature === 'request_rate' || (value < expected && !/available|free/.test(feature)),
      )
    )
  }

  #see(seen: Symptom): boolean {
    const key = `${seen.stream}\u0000${seen.feature}`
    const known = this.#symptoms.get(key)
    const sinceMs = Math.min(seen.sinceMs, known?.sinceMs ?? Number.POSITIVE_INFINITY)
    if (known !== undefined && known.strength >= seen.strength) {
      if (sinceMs < known.sinceMs) this.#symptoms.set(key, { ...known, sinceMs })
      return false
    }
    this.#symptoms.set(key, { ...seen, sinceMs })
    if (this.#symptoms.size > MAX_SYMPTOMS) {
      const [weakest] = [...this.#symptoms].sort(([, a], [, b]) => a.strength - b.strength)
      if (weakest !== undefined) this.#symptoms.delete(weakest[0])
    }
    return true
  }
}
