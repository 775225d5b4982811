export { Alert, AlertPage } from './alert.ts'
export { AlertValue, AlertValueRow } from './alert-value.ts'
export { AuditEntry, AuditPage } from './audit.ts'
export {
  Feedback,
  FeedbackChannel,
  FeedbackPage,
  FeedbackRequest,
  MissedIncident,
  MissedIncidentPage,
  MissedIncidentRequest,
  Question,
  QuestionList,
} from './feedback.ts'
export { Notification, NotificationReceipt, NotifiedAlert } from './notification.ts'
export { type FeedbackRouteName, feedbackApi, feedbackRoutes } from './routes.ts'
export { FeedbackStatus } from './status.ts'
export {
  AlertCounts,
  FreezeRequest,
  TunedEntity,
  TunedEntityPage,
  TunerPool,
  TunerStatus,
  TunerStep,
  TunerStepPage,
  WhatIf,
  WhatIfRequest,
} from './tuner.ts'
