{{/* The template of a part's pods, given (list root part): as few rights as may be. */}}
{{- define "voucherify-sync.pod" -}}
{{- $root := first . }}
{{- $name := last . }}
{{- $part := include (printf "voucherify-sync.part.%s" $name) $root | fromYaml }}
{{- $serves := ne $name "migrate" }}
metadata:
  {{- if $serves }}
  annotations:
    # A changed setting rolls the pods.
    checksum/settings: {{ include (print $root.Template.BasePath "/settings.yaml") $root | sha256sum }}
  {{- end }}
  labels:
    {{- include "voucherify-sync.part-labels" . | nindent 4 }}
    {{- range $part.does }}
    voucherify-sync/{{ . }}: "true"
    {{- end }}
    {{- if $serves }}
    voucherify-sync/has-metrics: "true"
    {{- end }}
spec:
  serviceAccountName: {{ $root.Release.Name }}
  automountServiceAccountToken: false
  # Services named like our settings would otherwise set VOUCHERIFY_SYNC_… variables.
  enableServiceLinks: false
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  {{- if $serves }}
  terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
  {{- else }}
  restartPolicy: Never
  {{- end }}
  {{- if has $name (list "receiver" "handlers" "query") }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "voucherify-sync.labels" $root | nindent 10 }}
      matchLabelKeys: [app.kubernetes.io/component, pod-template-hash]
    {{- end }}
  {{- end }}
  containers:
    - name: voucherify-sync
      image: {{ include "voucherify-sync.image" $root }}
      imagePullPolicy: IfNotPresent
      args: [{{ $name }}]
      {{- if $serves }}
      envFrom:
        - configMapRef:
            name: {{ $root.Release.Name }}
      {{- end }}
      {{- with $part.env }}
      env:
        {{- range $key, $value := . }}
        - name: {{ $key }}
          value: {{ $value | quote }}
        {{- end }}
      {{- end }}
      {{- if $serves }}
      {{- include "voucherify-sync.serving" . | nindent 6 }}
      {{- end }}
      resources:
        {{- toYaml (get $root.Values.resources $name) | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        {{- if eq $name "serve" }}
        - name: data
          mountPath: /data
        - name: tmp
          mountPath: /tmp
        {{- end }}
        {{- range $part.secrets }}
        - name: {{ first . }}
          mountPath: /etc/voucherify-sync/{{ first . }}
          readOnly: true
        {{- end }}
  volumes:
    {{- if eq $name "serve" }}
    # SQLite sorts what does not fit into memory here.
    - name: tmp
      emptyDir:
        sizeLimit: 128Mi
    {{- end }}
    {{- range $part.secrets }}
    - name: {{ first . }}
      secret:
        secretName: {{ last . }}
        defaultMode: 0440
        {{- if eq (first .) "kafka-ca" }}
        items:
          - key: ca.crt
            path: ca.crt
        {{- end }}
    {{- end }}
{{- end }}

{{/* Ports and probes of a part that serves. Whoever is asked from outside still answers for as
     long as it takes until every proxy knows that the pod ends. */}}
{{- define "voucherify-sync.serving" -}}
{{- $root := first . }}
{{- $name := last . }}
ports:
  - name: http
    containerPort: 8080
{{- if ne $name "handlers" }}
lifecycle:
  preStop:
    sleep:
      seconds: {{ $root.Values.drainSeconds }}
{{- end }}
startupProbe:
  httpGet:
    path: /healthz/live
    port: http
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 30
livenessProbe:
  httpGet:
    path: /healthz/live
    port: http
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: /healthz/ready
    port: http
  periodSeconds: 5
  timeoutSeconds: 4
  failureThreshold: 2
{{- end }}
