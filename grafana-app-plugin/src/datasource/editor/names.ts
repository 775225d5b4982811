import { say } from '../../text/say.ts'
import type { Kind } from '../query.ts'

/** What can be asked, in words. */
export const kindName = (kind: Kind): { label: string; description: string } =>
  ({
    incidents: {
      label: say('query.incidents', 'Incidents'),
      description: say('query.incidents-what', 'of the time range, with the probable cause of each'),
    },
    causes: {
      label: say('query.causes', 'Root causes'),
      description: say('query.causes-what', 'of one incident, and what speaks for each'),
    },
    timeline: {
      label: say('query.timeline', 'Timeline'),
      description: say('query.timeline-what', 'of one incident'),
    },
    anomalies: {
      label: say('query.anomalies', 'Anomalies'),
      description: say('query.anomalies-what', 'of the time range'),
    },
    scores: {
      label: say('query.scores', 'Scores'),
      description: say('query.scores-what', 'of one entity by the minute, with its threshold'),
    },
    thresholds: {
      label: say('query.thresholds', 'Thresholds'),
      description: say('query.thresholds-what', 'now; who set them, and why'),
    },
    entities: {
      label: say('query.entities', 'Entities'),
      description: say('query.entities-what', 'what is scored now, and what is missing'),
    },
    graph: {
      label: say('query.graph', 'Causal graph'),
      description: say('query.graph-what', 'at the end of the time range'),
    },
    changes: {
      label: say('query.changes', 'Deployments'),
      description: say('query.changes-what', 'of the time range, as telemetry tells of them'),
    },
    objectives: {
      label: say('query.objectives', 'Objectives'),
      description: say('query.objectives-what', 'budgets and burn rates now'),
    },
    numbers: {
      label: say('query.numbers', 'Numbers'),
      description: say(
        'query.numbers-what',
        'how many incidents and anomalies, and what people said of them',
      ),
    },
  })[kind]
