{{/* Labels of every object; those that a part's pods are selected by, given (list root part). */}}
{{- define "voucherify-sync.labels" -}}
app.kubernetes.io/name: voucherify-sync
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "voucherify-sync.part-labels" -}}
{{ include "voucherify-sync.labels" (first .) }}
app.kubernetes.io/component: {{ last . }}
{{- end }}

{{- define "voucherify-sync.image" -}}
{{ .Values.image.repository }}
{{- with .Values.image.digest }}@{{ . }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The secret with a user's password at the broker, given (list root user). */}}
{{- define "voucherify-sync.kafka-secret" -}}
{{- $values := (first .).Values }}
{{- if $values.strimzi.enabled }}{{ get $values.kafka.users (last .) }}
{{- else }}{{ get $values.secrets (printf "kafka%s" (title (last .))) }}
{{- end }}
{{- end }}

{{/* The handlers' group, and what stands before the names of topics, as the settings say. */}}
{{- define "voucherify-sync.kafka-group" -}}
{{ get .Values.settings "VOUCHERIFY_SYNC_KAFKA_GROUP" | default "voucherify-sync" }}
{{- end }}

{{- define "voucherify-sync.topic-prefix" -}}
{{ get .Values.settings "VOUCHERIFY_SYNC_TOPIC_PREFIX" }}
{{- end }}
