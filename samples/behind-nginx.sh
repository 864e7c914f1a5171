# Sourced by samples/*/run.sh: an app and an nginx in front of it, on free ports of the loopback address, until Ctrl-C.

set -euo pipefail

SAMPLES=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname -- "$SAMPLES")

# A sample may say otherwise: the documentation's site, what the app speaks there, and what is asked for.
SITE=uwsgi SCHEME=uwsgi PATHS=(/)

. "$SAMPLES/packages.sh"

WORK= APP= NGINX= PORT=

# behind_nginx SAMPLE [--check]
behind_nginx() {
    local sample=$1 check= path
    shift
    case "${1-}" in
        "") ;;
        --check) check=yes ;;
        *)
            echo "Usage: $0 [--check]   (--check: ask once, print the answer, stop)" >&2
            return 2
            ;;
    esac

    if ! command -v dotnet >/dev/null; then
        echo "The .NET 10 SDK is needed, and no dotnet is in the PATH: https://dotnet.microsoft.com/download" >&2
        return 1
    fi

    install_packages nginx:nginx curl:curl
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/${sample,,}.XXXXXX")
    trap stop EXIT
    trap 'exit 0' INT TERM HUP
    # Started by root, nginx works as another user, who must get at its own directories in here.
    chmod 711 "$WORK"

    start_app "$sample"
    start_nginx
    wait_for_answer

    if [ -n "$check" ]; then
        for path in "${PATHS[@]}"; do
            echo "curl http://127.0.0.1:$PORT$path" >&2
            curl --fail --silent --show-error --max-time 10 "http://127.0.0.1:$PORT$path"
        done
        return
    fi

    cat <<TEXT

$sample answers behind nginx:

$(printf "    http://127.0.0.1:$PORT%s\n" "${PATHS[@]}")

    curl http://127.0.0.1:$PORT${PATHS[0]}

Logs: $WORK/app.log, $WORK/error.log. Ctrl-C stops both.
TEXT
    wait -n "$APP" "$NGINX" || true
    fail "One of the two has ended by itself."
}

start_app() {
    local project=$SAMPLES/$1 output
    local build=(dotnet build "$project" -c Release -v quiet -nologo)
    if is_writable "$project"; then
        output=$project/bin/Release/net10.0
    else
        build+=(--artifacts-path "$WORK/artifacts")
        output=$WORK/artifacts/bin/$1/release
    fi

    echo "Building $1." >&2
    "${build[@]}" </dev/null >"$WORK/build.log" 2>&1 || { cat "$WORK/build.log" >&2; return 1; }

    : >"$WORK/app.log"
    # Port 0: the app takes a free one and says which.
    (cd "$project" && exec dotnet "$output/$1.dll" --urls "$SCHEME://127.0.0.1:0;http://127.0.0.1:0") </dev/null >"$WORK/app.log" 2>&1 &
    APP=$!
    local i
    for ((i = 0; i < 600; i++)); do
        APP_PORT=$(sed -n "s|.*Now listening on: $SCHEME://127.0.0.1:\([0-9]*\).*|\1|p" "$WORK/app.log")
        [ -z "$APP_PORT" ] || return 0
        kill -0 "$APP" 2>/dev/null || break
        sleep 0.1
    done
    fail "The app did not start."
}

is_writable() {
    local project output
    for project in "$1" "$ROOT"/src/*/; do
        [ -w "$project" ] || return 1
        for output in "$project/obj" "$project/bin"; do
            [ ! -e "$output" ] || [ -w "$output" ] || return 1
        done
    done
}

# The site is the documentation's own: only its two ports are replaced.
start_nginx() {
    local site=$ROOT/docs/front-ends/nginx/$SITE.conf parameters try i
    parameters=$(nginx -V 2>&1 | sed -n 's/.*--conf-path=\([^ ]*\).*/\1/p')
    parameters=$(dirname -- "${parameters:-/etc/nginx/nginx.conf}")
    cp "$parameters/uwsgi_params" "$parameters/fastcgi_params" "$parameters/scgi_params" "$WORK"
    cat >"$WORK/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $WORK/nginx.pid;
error_log $WORK/error.log;
events { }
http {
    access_log off;
    client_body_temp_path $WORK/client_body;
    proxy_temp_path $WORK/proxy;
    fastcgi_temp_path $WORK/fastcgi;
    uwsgi_temp_path $WORK/uwsgi;
    scgi_temp_path $WORK/scgi;
    include $WORK/site.conf;
}
CONF
    for ((try = 0; try < 20; try++)); do
        # Below the range that the system gives out by itself.
        PORT=$((20000 + RANDOM % 12000))
        ! is_open "$PORT" || continue
        sed "s/:8080/:$PORT/; s/:3031/:$APP_PORT/; s/:8000/:$APP_PORT/" "$site" >"$WORK/site.conf"
        nginx -p "$WORK" -c "$WORK/nginx.conf" -e "$WORK/error.log" </dev/null 2>"$WORK/nginx.log" &
        NGINX=$!
        for ((i = 0; i < 100; i++)); do
            ! is_open "$PORT" || ! kill -0 "$NGINX" 2>/dev/null || return 0
            kill -0 "$NGINX" 2>/dev/null || break
            sleep 0.1
        done
        # Somebody else took the port meanwhile, or the configuration is wrong.
        grep -q 'Address already in use' "$WORK/nginx.log" || break
    done
    fail "nginx did not start."
}

is_open() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

wait_for_answer() {
    local i
    for ((i = 0; i < 100; i++)); do
        ! curl --fail --silent --max-time 10 --output /dev/null "http://127.0.0.1:$PORT${PATHS[0]}" || return 0
        sleep 0.1
    done
    fail "There is no answer through nginx."
}

fail() {
    local log
    echo "$1" >&2
    for log in nginx.log error.log app.log; do
        [ ! -s "$WORK/$log" ] || { echo "--- $log" >&2; tail -n 20 "$WORK/$log" >&2; }
    done
    exit 1
}

stop() {
    local process i
    trap '' INT TERM HUP
    for process in $NGINX $APP; do
        kill -TERM "$process" 2>/dev/null || true
    done
    for ((i = 0; i < 100; i++)); do
        is_running "$NGINX" || is_running "$APP" || break
        sleep 0.1
    done
    for process in $NGINX $APP; do
        ! is_running "$process" || kill -KILL "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    rm -rf -- "$WORK"
}

is_running() {
    [ -n "$1" ] && kill -0 "$1" 2>/dev/null
}
