#!/usr/bin/env bash
# An app behind nginx, and uWSGI's own client that reads what it is doing: installs both where they are missing, starts app and nginx, prints how to look.
# Ctrl-C stops both.
. "$(dirname -- "${BASH_SOURCE[0]}")/../behind-nginx.sh"

read_stats() {
    uwsgi --connect-and-read "$STATS" 2>&1
}

# A request is seen while it runs, and counted when it has ended.
look() {
    local slow i
    curl --silent --max-time 30 --output /dev/null "http://127.0.0.1:$PORT/slow/20" &
    slow=$!
    for ((i = 0; i < 100; i++)); do
        read_stats >"$WORK/stats.json"
        ! grep -q '"REQUEST_URI=/slow/20"' "$WORK/stats.json" || break
        sleep 0.1
    done
    kill -TERM "$slow" 2>/dev/null || true
    wait "$slow" 2>/dev/null || true
    grep -oE '"(status|proto)": "[a-z]+"|"REQUEST_URI=[^"]*"' "$WORK/stats.json"
    curl --silent --location "http://127.0.0.1:$PORT/uwsgi" | grep -o '<title>.*</title>'
}

prepare Stats 'nginx:nginx uwsgi:uwsgi-core' "$@"

# The app's setting, by its environment.
export STATS=$WORK/stats.sock
start_app Stats "$SCHEME" http://127.0.0.1:0
start_front_end nginx configure_nginx nginx -p "$WORK" -c "$WORK/nginx.conf" -e "$WORK/error.log"

if [ -n "$CHECK" ]; then
    look
    exit
fi

cat <<TEXT

The app answers behind nginx; keep it busy, and see what it is doing:

    http://127.0.0.1:$PORT/uwsgi in a browser
    curl http://127.0.0.1:$PORT/slow/20
    uwsgi --connect-and-read $STATS
    uwsgitop $STATS

TEXT
wait_for_end
