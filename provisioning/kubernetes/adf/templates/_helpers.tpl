{{- define "adf.name" -}}{{ if contains "adf" .Release.Name }}{{ .Release.Name | trunc 50 }}{{ else }}{{ printf "%s-adf" .Release.Name | trunc 50 }}{{ end }}{{- end }}

{{- define "adf.labels" -}}
app.kubernetes.io/name: adf
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- define "adf.selector" -}}
app.kubernetes.io/name: adf
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "adf.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* What PodSecurity's level "restricted" asks for. */}}
{{- define "adf.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}
{{- define "adf.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Configuration of the processor: the chart's, with processor.config merged over it. */}}
{{- define "adf.processor.config" -}}
{{- $c := dict
  "receiver" (dict "grpc" (dict "host" "0.0.0.0" "port" 4317) "http" (dict "host" "0.0.0.0" "port" 4318))
  "api" (dict "host" "0.0.0.0" "port" 8080)
  "deliver" (dict "external_url" .Values.externalUrl "alertmanager" (dict "urls" .Values.alertmanager.urls)) -}}
{{- if .Values.feedbackUrl }}{{ $_ := set $c.deliver "feedback" (dict "url" .Values.feedbackUrl "secret_file" "/etc/adf-secret/feedback.key") }}{{ end -}}
{{- if .Values.processor.tokens }}{{ $_ := set $c "auth" (dict "tokens" .Values.processor.tokens) }}{{ end -}}
{{- if .Values.processor.store.url }}{{ $_ := set $c "store" (dict "url" .Values.processor.store.url "password_file" "/etc/adf-secret/postgres.password") }}{{ end -}}
{{- mustMergeOverwrite $c (deepCopy .Values.processor.config) | toYaml -}}
{{- end }}

{{/* How many processors there may be: with an autoscaler more than there are now. */}}
{{- define "adf.processor.most" -}}
{{- if .Values.processor.autoscaling.enabled }}{{ max (int .Values.processor.replicas) (int .Values.processor.autoscaling.maxReplicas) }}{{ else }}{{ int .Values.processor.replicas }}{{ end -}}
{{- end }}

{{/* The webhook knows all of them from the start: one that is not there is away to it, as one that restarts is, and is followed from where it was left. */}}
{{- define "adf.webhook.config" -}}
{{- $processors := list -}}
{{- $name := include "adf.name" . -}}
{{- $urls := list -}}
{{- if .Values.processor.group -}}
{{/* All answer from one database. */}}
{{- $urls = list (printf "http://%s-processor:8080" $name) -}}
{{- else -}}
{{- range $i := until (int (include "adf.processor.most" .)) }}{{ $urls = append $urls (printf "http://%s-processor-%d.%s-processor-pods:8080" $name $i $name) }}{{ end -}}
{{- end -}}
{{- range $urls -}}
{{- $p := dict "url" . -}}
{{- if $.Values.processor.tokens }}{{ $_ := set $p "token_file" "/etc/adf-secret/processor.token" }}{{ end -}}
{{- $processors = append $processors $p -}}
{{- end -}}
{{- $c := dict "api" (dict "host" "0.0.0.0" "port" 8082) "alertmanager" (dict "urls" .Values.alertmanager.urls) "processors" $processors -}}
{{- if .Values.feedbackUrl }}{{ $_ := set $c "feedback" (dict "secret_file" "/etc/adf-secret/feedback.key") }}{{ end -}}
{{- if .Values.webhook.tokens }}{{ $_ := set $c "auth" (dict "tokens" .Values.webhook.tokens) }}{{ end -}}
{{- if .Values.webhook.store.url }}{{ $_ := set $c "store" (dict "url" .Values.webhook.store.url "password_file" "/etc/adf-secret/postgres.password") }}{{ end -}}
{{- mustMergeOverwrite $c (deepCopy .Values.webhook.config) | toYaml -}}
{{- end }}

{{- define "adf.federation.config" -}}
{{- $c := dict "api" (dict "host" "0.0.0.0" "port" 8081) -}}
{{- if .Values.federation.tokens }}{{ $_ := set $c "auth" (dict "tokens" .Values.federation.tokens) }}{{ end -}}
{{- if .Values.federation.store.url }}{{ $_ := set $c "store" (dict "url" .Values.federation.store.url "password_file" "/etc/adf-secret/postgres.password") }}{{ end -}}
{{- mustMergeOverwrite $c (deepCopy .Values.federation.config) | toYaml -}}
{{- end }}

{{/* Pod of a part: root, component, args (without --insecure), port, values of the part, replicas. */}}
{{- define "adf.pod" -}}
{{- $own := .values -}}
metadata:
  labels: {{- include "adf.selector" . | nindent 4 }}
  annotations:
    # A change of the configuration starts the pods anew.
    checksum/config: {{ include (printf "adf.%s.config" .component) .root | sha256sum }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 40
  securityContext: {{- include "adf.podSecurity" . | nindent 4 }}
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "adf.selector" . | nindent 10 }}
  containers:
    - name: adf
      image: {{ include "adf.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args:
        {{- toYaml .args | nindent 8 }}
        - --config
        - /etc/adf/{{ .component }}.yaml
        {{- if not $own.tokens }}
        - --insecure
        {{- end }}
      env:
        - { name: HEALTH_PORT, value: {{ .port | quote }} }
        {{- if and (eq .component "processor") $own.group }}
        - { name: ADF_KAFKA__MEMBER, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
        {{- else if and (eq .component "processor") $own.store.url }}
        # A schema for each replica, named by its number: adf_0, adf_1, …
        - { name: POD_INDEX, valueFrom: { fieldRef: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" } } }
        - { name: ADF_STORE__SCHEMA, value: adf_$(POD_INDEX) }
        {{- end }}
      ports:
        - { name: api, containerPort: {{ .port }} }
        {{- if eq .component "processor" }}
        - { name: otlp-grpc, containerPort: 4317 }
        - { name: otlp-http, containerPort: 4318 }
        {{- end }}
      startupProbe: { httpGet: { path: /health, port: api }, periodSeconds: 2, failureThreshold: 60 }
      livenessProbe: { httpGet: { path: /health, port: api }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
      {{- if eq .component "processor" }}
      # By /health: while the database is away /ready is 503, and ADF goes on detecting and must go on getting telemetry.
      readinessProbe: { httpGet: { path: /health, port: api }, periodSeconds: 5, timeoutSeconds: 5 }
      {{- else }}
      readinessProbe: { httpGet: { path: /ready, port: api }, periodSeconds: 5, timeoutSeconds: 5 }
      {{- end }}
      resources: {{- toYaml $own.resources | nindent 8 }}
      securityContext: {{- include "adf.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - { name: config, mountPath: /etc/adf, readOnly: true }
        - { name: data, mountPath: /data }
        - { name: tmp, mountPath: /tmp }
        {{- if .root.Values.existingSecret }}
        - { name: secret, mountPath: /etc/adf-secret, readOnly: true }
        {{- end }}
  volumes:
    - { name: config, configMap: { name: {{ include "adf.name" .root }}-{{ .component }} } }
    - { name: tmp, emptyDir: { sizeLimit: 64Mi } }
    {{- if .root.Values.existingSecret }}
    - { name: secret, secret: { secretName: {{ .root.Values.existingSecret }}, defaultMode: 0440 } }
    {{- end }}
    {{- if $own.store.url }}
    - { name: data, emptyDir: { sizeLimit: 1Gi } }
    {{- end }}
{{- end }}

{{/* A StatefulSet with its Services and ConfigMap: each replica keeps its name, and its volume where it has one. */}}
{{- define "adf.part" -}}
{{- $name := printf "%s-%s" (include "adf.name" .root) .component -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $name }}
  labels: {{- include "adf.labels" . | nindent 4 }}
data:
  {{ .component }}.yaml: | {{- include (printf "adf.%s.config" .component) .root | nindent 4 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{- include "adf.labels" . | nindent 4 }}
spec:
  selector: {{- include "adf.selector" . | nindent 4 }}
  ports:
    - { name: api, port: {{ .port }}, targetPort: api }
    {{- if eq .component "processor" }}
    - { name: otlp-grpc, port: 4317, targetPort: otlp-grpc, appProtocol: grpc }
    - { name: otlp-http, port: 4318, targetPort: otlp-http }
    {{- end }}
---
# Headless: gives the address of each replica, for the gateway's load balancing and for the webhook.
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}-pods
  labels: {{- include "adf.labels" . | nindent 4 }}
    adf/headless: 'true'
spec:
  clusterIP: None
  publishNotReadyAddresses: false
  selector: {{- include "adf.selector" . | nindent 4 }}
  ports:
    - { name: api, port: {{ .port }}, targetPort: api }
    {{- if eq .component "processor" }}
    - { name: otlp-grpc, port: 4317, targetPort: otlp-grpc }
    {{- end }}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}
  labels: {{- include "adf.labels" . | nindent 4 }}
spec:
  serviceName: {{ $name }}-pods
  {{- if not .autoscaled }}
  replicas: {{ .replicas }}
  {{- end }}
  podManagementPolicy: Parallel
  updateStrategy: { type: RollingUpdate }
  selector:
    matchLabels: {{- include "adf.selector" . | nindent 6 }}
  template: {{- include "adf.pod" . | nindent 4 }}
  {{- if not .values.store.url }}
  volumeClaimTemplates:
    - metadata: { name: data }
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .values.store.storageClassName }}
        storageClassName: {{ . }}
        {{- end }}
        resources: { requests: { storage: {{ .values.store.size }} } }
  {{- end }}
{{- end }}
