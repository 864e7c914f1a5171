#!/usr/bin/env bash
# One app on one port behind nginx's uwsgi_pass, fastcgi_pass, scgi_pass and proxy_pass: starts both, prints the URLs. Ctrl-C stops both.
. "$(dirname -- "${BASH_SOURCE[0]}")/../behind-nginx.sh"
SITE=gateway
SCHEME=gateway
PATHS=(/uwsgi /fastcgi /scgi /http)
behind_nginx ThreeProtocols "$@"
