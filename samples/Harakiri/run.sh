#!/usr/bin/env bash
# Handlers that take too long, behind nginx: a client is answered at the deadline, and the app goes on. Ctrl-C stops both.
. "$(dirname -- "${BASH_SOURCE[0]}")/../behind-nginx.sh"
PATHS=(/ /parts /report /polite /deaf /health)
ASK=(--write-out '%{http_code}\n')
behind_nginx Harakiri "$@"
