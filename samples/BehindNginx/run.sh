#!/usr/bin/env bash
# An ordinary ASP.NET Core app behind nginx's uwsgi_pass: installs nginx where it is missing, starts both, prints the URL. Ctrl-C stops both.
. "$(dirname -- "${BASH_SOURCE[0]}")/../behind-nginx.sh"
behind_nginx BehindNginx "$@"
