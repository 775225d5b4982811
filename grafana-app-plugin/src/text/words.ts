import type { AnomalyType, CauseKind, NodeKind, TimelineEntry } from '@adf/contract'
import { say } from './say.ts'

export const causeKind = (kind: CauseKind): string =>
  ({
    code: say('cause.code', 'the service itself'),
    host: say('cause.host', 'its host'),
    network: say('cause.network', 'the network to it'),
    dependency: say('cause.dependency', 'something it depends on'),
    change: say('cause.change', 'a deployment'),
  })[kind]

export const nodeKind = (kind: NodeKind): string =>
  ({
    service: say('node.service', 'service'),
    database: say('node.database', 'database'),
    messaging: say('node.messaging', 'queue'),
    peer: say('node.peer', 'outside'),
    user: say('node.user', 'users'),
  })[kind]

export const anomalyType = (type: AnomalyType): string =>
  ({
    point: say('anomaly.point', 'a value that is odd in itself'),
    contextual: say('anomaly.contextual', 'odd for its time or company'),
    collective: say('anomaly.collective', 'a stretch that no single value betrays'),
  })[type]

export const entryKind = (kind: TimelineEntry['kind']): string =>
  ({
    change: say('timeline.change', 'change'),
    anomaly: say('timeline.anomaly', 'anomaly'),
    opened: say('timeline.opened', 'opened'),
    cause: say('timeline.cause', 'cause'),
    alert: say('timeline.alert', 'alert'),
    merged: say('timeline.merged', 'merged'),
    split: say('timeline.split', 'split'),
    verdict: say('timeline.verdict', 'verdict'),
    resolved: say('timeline.resolved', 'resolved'),
  })[kind]
