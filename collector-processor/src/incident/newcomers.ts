import type { Anomaly } from '@adf/contract'
import { Member, memberKeyOf, streamEntity } from './member.ts'

/** Members whose run is long enough, until the next tick finds their incident. In order of coming. */
export class Newcomers {
  readonly members = new Map<string, Member>()

  add(anomalies: readonly Anomaly[]): void {
    for (const anomaly of anomalies) {
      const key = memberKeyOf(anomaly)
      const member = this.members.get(key) ?? Member.of(anomaly)
      this.members.set(key, member)
      member.take(anomaly)
      member.count++
      member.anomalyIds.push(anomaly.id)
    }
  }

  /** Whether a run of this entity and stream was added. */
  waits(anomaly: Anomaly): boolean {
    return this.members.get(memberKeyOf(anomaly))?.entities.has(streamEntity(anomaly)) === true
  }

  take(key: string): Member | undefined {
    const member = this.members.get(key)
    this.members.delete(key)
    return member
  }
}
