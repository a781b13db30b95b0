{{/* Each part: what it does (services and network policies go by that), what it is told beside
     the common settings, and the secrets that it sees: name of the volume → secret. */}}
{{- define "voucherify-sync.part.receiver" -}}
does: [receives-webhooks, uses-log]
env:
  VOUCHERIFY_SYNC_KAFKA_SASL_USERNAME: {{ .Values.kafka.users.receiver | quote }}
  VOUCHERIFY_SYNC_WEBHOOK_SECRETS_FILE: /etc/voucherify-sync/webhook/secrets
secrets:
  - [webhook, {{ .Values.secrets.webhook }}]
  - [kafka, {{ include "voucherify-sync.kafka-secret" (list . "receiver") }}]
  - [kafka-ca, {{ .Values.secrets.kafkaCa }}]
{{- end }}

{{- define "voucherify-sync.part.handlers" -}}
does: [uses-log, uses-state]
env:
  VOUCHERIFY_SYNC_KAFKA_SASL_USERNAME: {{ .Values.kafka.users.handlers | quote }}
secrets:
  - [kafka, {{ include "voucherify-sync.kafka-secret" (list . "handlers") }}]
  - [kafka-ca, {{ .Values.secrets.kafkaCa }}]
  - [state, {{ .Values.secrets.state }}]
{{- end }}

{{- define "voucherify-sync.part.query" -}}
does: [uses-state, answers-queries]
env:
  VOUCHERIFY_SYNC_API_KEYS_FILE: /etc/voucherify-sync/api-keys/keys
secrets:
  - [api-keys, {{ .Values.secrets.apiKeys }}]
  - [state, {{ .Values.secrets.stateReader }}]
{{- end }}

{{- define "voucherify-sync.part.migrate" -}}
does: [uses-state]
env:
  VOUCHERIFY_SYNC_LOG_FORMAT: json
  VOUCHERIFY_SYNC_STATE_FILE: /etc/voucherify-sync/state/url
secrets:
  - [state, {{ .Values.secrets.state }}]
{{- end }}

{{- define "voucherify-sync.part.serve" -}}
does: [receives-webhooks, answers-queries]
env:
  VOUCHERIFY_SYNC_WEBHOOK_SECRETS_FILE: /etc/voucherify-sync/webhook/secrets
  VOUCHERIFY_SYNC_API_KEYS_FILE: /etc/voucherify-sync/api-keys/keys
secrets:
  - [webhook, {{ .Values.secrets.webhook }}]
  - [api-keys, {{ .Values.secrets.apiKeys }}]
{{- end }}
