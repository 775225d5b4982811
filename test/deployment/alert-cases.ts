/** Series in promtool's notation, one sample a minute, that make an alert of ADF's own fire. */
export interface AlertCase {
  readonly series: Readonly<Record<string, string>>
  /** Labels of the alert beside those of its rule. */
  readonly labels: Readonly<Record<string, string>>
  /** When it is looked for; after two hours when left out. */
  readonly at?: string
}

const SAMPLES = 600
const still = (value: number) => `${value}x${SAMPLES}`
const rising = (step: number) => `0+${step}x${SAMPLES}`

const processor = { job: 'adf-processor', instance: 'p:8080' }
const webhook = { job: 'adf-webhook', instance: 'w:8082' }
const federation = { job: 'adf-federation', instance: 'f:8081' }
const collector = { instance: 'c:8888', exporter: 'otlp_grpc/adf' }

const series = (name: string, labels: Readonly<Record<string, string>>) =>
  `${name}{${Object.entries(labels)
    .map(([key, value]) => `${key}="${value}"`)
    .join(',')}}`

const one = (
  name: string,
  labels: Readonly<Record<string, string>>,
  values: string,
  expected: Readonly<Record<string, string>> = labels,
): AlertCase => ({ series: { [series(name, labels)]: values }, labels: expected })

/** Observations that all lie in one bucket: between its lower bound and `le`. */
const slow = (name: string, le: string, below: string) => ({
  [series(`${name}_bucket`, { ...processor, le: below })]: still(0),
  [series(`${name}_bucket`, { ...processor, le })]: rising(60),
  [series(`${name}_bucket`, { ...processor, le: '+Inf' })]: rising(60),
})

const left = (name: string, { job, instance }: { job: string; instance: string }) => ({
  [series('adf_database_disk_size_bytes', { job, instance })]: still(1000),
  [series('adf_database_disk_free_bytes', { job, instance })]: name,
})

/** Every alert of provisioning/prometheus/rules/adf-alerts.yml, by what happens to it. */
export const ALERT_CASES: Readonly<Record<string, AlertCase>> = {
  AdfDown: one('up', federation, still(0)),
  AdfAbsent: { series: { 'up{job="other"}': still(1) }, labels: { job: 'adf-processor' } },
  AdfRestarting: one('process_start_time_seconds', processor, rising(60)),
  AdfApiFailing: {
    series: {
      [series('adf_api_requests_total', { ...processor, route: 'r', status: '200' })]: rising(60),
      [series('adf_api_requests_total', { ...processor, route: 'r', status: '503' })]: rising(60),
    },
    labels: processor,
  },
  AdfStaleTelemetry: one('up', processor, still(1)),
  AdfOverloaded: one(
    'adf_receiver_requests_total',
    { ...processor, signal: 'traces', transport: 'grpc', outcome: 'overloaded' },
    rising(60),
    processor,
  ),
  AdfMemoryShort: one('adf_memory_shedding', { ...processor, what: 'exemplars' }, still(1), processor),
  AdfStalls: one('adf_event_loop_stalls_total', processor, rising(12)),
  AdfTelemetryRefused: {
    series: {
      [series('adf_receiver_requests_total', { ...processor, outcome: 'accepted' })]: rising(60),
      [series('adf_receiver_requests_total', { ...processor, outcome: 'malformed' })]: rising(6),
    },
    labels: processor,
  },
  AdfTelemetryLate: one(
    'adf_feature_late_total',
    { ...processor, signal: 'traces', reason: 'late' },
    rising(120),
    processor,
  ),
  AdfDetectionLag: { series: slow('adf_detection_latency_seconds', '10', '5'), labels: processor },
  AdfKafkaAway: one('adf_kafka_connected', processor, still(0)),
  AdfKafkaBehind: one('adf_kafka_delay_seconds', processor, still(90)),
  AdfKafkaDeadLetters: one(
    'adf_kafka_dead_letters_total',
    { ...processor, topic: 'otlp_spans', reason: 'malformed' },
    rising(1),
    { ...processor, topic: 'otlp_spans' },
  ),
  AdfKafkaExpired: one('adf_kafka_expired_messages_total', { ...processor, topic: 'otlp_logs' }, rising(1)),
  AdfCollectorQueueFilling: {
    series: {
      [series('otelcol_exporter_queue_size', { ...collector, data_type: 'traces' })]: still(90),
      [series('otelcol_exporter_queue_capacity', { ...collector, data_type: 'traces' })]: still(100),
    },
    labels: collector,
  },
  AdfCollectorDropping: one('otelcol_exporter_enqueue_failed_spans', collector, rising(60)),
  AdfForwardDropping: one(
    'adf_forward_dropped_requests_total',
    { ...processor, endpoint: 'tempo', reason: 'queue_full' },
    rising(1),
    { ...processor, endpoint: 'tempo' },
  ),
  AdfEntitiesRefused: one(
    'adf_feature_entities_refused_total',
    { ...processor, kind: 'service' },
    rising(1),
    processor,
  ),
  AdfNamesOverflowing: {
    series: {
      [series('adf_interned_overflowed_total', { ...processor, table: 'strings' })]: rising(1),
      [series('adf_resources_limited_total', { ...processor, limit: 'services' })]: still(0),
    },
    labels: processor,
  },
  AdfGraphDropping: {
    series: {
      [series('adf_graph_dropped_total', { ...processor, reason: 'pending' })]: rising(60),
      [series('adf_receiver_spans_total', { ...processor, transport: 'grpc', outcome: 'accepted' })]:
        rising(60),
    },
    labels: processor,
  },
  AdfTrainingFailing: one(
    'adf_training_jobs_total',
    { ...processor, kind: 'network', outcome: 'lost' },
    rising(1),
    { ...processor, kind: 'network' },
  ),
  AdfTrainingThreadDying: one('adf_training_worker_restarts_total', processor, rising(1)),
  AdfStateNotSaved: one(
    'adf_detector_state_failures_total',
    { ...processor, operation: 'save' },
    rising(1),
    processor,
  ),
  AdfRankingFailing: one('adf_rca_failures_total', processor, rising(1)),
  AdfCausesOftenWrong: {
    series: {
      [series('adf_rca_accuracy', processor)]: still(0.25),
      [series('adf_rca_judged_incidents', processor)]: still(20),
    },
    labels: processor,
  },
  AdfDatabaseUnwritable: one('adf_database_writable', webhook, still(0)),
  AdfDatabaseSlow: { series: slow('adf_database_commit_seconds', '2.5', '1'), labels: processor },
  AdfStoreNearlyFull: { series: left(still(50), webhook), labels: webhook },
  AdfStoreFillingUp: { series: left(`390-0.3x${SAMPLES}`, federation), labels: federation },
  AdfFindingsLost: one('adf_store_lost_total', { ...processor, what: 'anomaly' }, rising(1), processor),
  AdfRowsUnreadable: one('adf_store_rows_unreadable_total', { ...processor, table: 'anomalies' }, rising(1)),
  AdfBudgetsNotSaved: one('adf_slo_saves_total', { ...processor, outcome: 'failed' }, rising(6), processor),
  AdfAlertsNotDelivered: one(
    'adf_alertmanager_failed_alerts_total',
    { ...processor, peer: '0', reason: 'connection' },
    rising(1),
    { ...processor, peer: '0' },
  ),
  AdfAlertsDropped: one(
    'adf_alertmanager_dropped_alerts_total',
    { ...processor, peer: '0', reason: 'rejected' },
    rising(1),
    { ...processor, peer: '0' },
  ),
  AdfWebhookRefusing: one('adf_webhook_notifications_total', { ...webhook, outcome: 'busy' }, rising(1)),
  AdfWebhookSilent: {
    series: {
      [series('adf_webhook_last_notification_timestamp_seconds', webhook)]: still(1),
      // Fires all the while: what Alertmanager should tell of.
      [series('adf_database_writable', { job: 'adf-other', instance: 'o' })]: still(0),
    },
    at: '9h',
    labels: webhook,
  },
  AdfVerdictsUndelivered: one('adf_webhook_undelivered_verdicts', webhook, still(3)),
  AdfAlertmanagerUnreachable: one(
    'adf_webhook_alertmanager_polls_total',
    { ...webhook, peer: '0', outcome: 'failed' },
    rising(2),
    { ...webhook, peer: '0' },
  ),
  AdfTunerFailing: one('adf_tuner_rounds_total', { ...webhook, outcome: 'failed' }, rising(1), webhook),
  AdfNoRounds: {
    series: {
      [series('adf_fl_rounds_completed_total', { ...federation, run: 'r' })]: still(7),
      [series('adf_fl_clients', { ...federation, state: 'seen' })]: still(3),
    },
    at: '9h',
    labels: federation,
  },
  AdfRoundsAbandoned: one('adf_fl_rounds_abandoned_total', { ...federation, run: 'r' }, rising(1)),
  AdfRoundFaults: one('adf_fl_round_faults_total', { ...federation, run: 'r' }, rising(1)),
  AdfUpdatesQuarantined: { ...one('adf_fl_updates_quarantined', federation, still(2)), at: '9h' },
  AdfForgedRequests: one(
    'adf_fl_requests_refused_total',
    { ...federation, reason: 'bad_signature' },
    rising(1),
  ),
  AdfSiteCutOff: one('adf_fl_failures_total', { ...processor, reason: 'unreachable' }, rising(1)),
}
