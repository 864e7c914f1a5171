#!/usr/bin/env bash
# An app that uwsgi.ini sets up, behind nginx's uwsgi_pass: starts both, prints the URLs. Ctrl-C stops both.
. "$(dirname -- "${BASH_SOURCE[0]}")/../behind-nginx.sh"
APP_ARGUMENTS=(--uwsgi:socket:0=127.0.0.1:0)
behind_nginx FromUwsgiIni "$@"
