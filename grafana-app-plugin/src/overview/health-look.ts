import type { GrafanaTheme2, IconName } from '@grafana/data'
import { say } from '../text/say.ts'
import type { Health } from './health.ts'

/** Word, sign and colour of a state; red broken, orange suffering, grey unknown. */
export const healthText = (health: Health): string =>
  ({
    cause: say('health.cause', 'probable cause'),
    anomalous: say('health.anomalous', 'anomalous'),
    suffers: say('health.suffers', 'suffers'),
    unread: say('health.unread', 'not known'),
    normal: say('health.normal', 'normal'),
    unknown: say('health.unknown', 'still learning'),
  })[health]

export const HEALTH_ICON: Readonly<Record<Health, IconName>> = {
  cause: 'exclamation-circle',
  anomalous: 'exclamation-triangle',
  suffers: 'exclamation-triangle',
  unread: 'eye-slash',
  normal: 'check-circle',
  unknown: 'question-circle',
}

export function healthColor(theme: GrafanaTheme2, health: Health): string {
  const { visualization, colors } = theme
  switch (health) {
    case 'cause':
    case 'anomalous':
      return visualization.getColorByName('red')
    case 'suffers':
      return visualization.getColorByName('orange')
    case 'normal':
      return colors.success.text
    case 'unread':
    case 'unknown':
      return colors.text.secondary
  }
}
