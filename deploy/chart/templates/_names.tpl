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
