# Sourced by samples/*.sh and samples/*/run.sh: an app and front ends before it, on free ports of the loopback address, until Ctrl-C.

set -euo pipefail

SAMPLES=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname -- "$SAMPLES")

. "$SAMPLES/packages.sh"

# What is asked for: a sample may say otherwise.
PATHS=(/)

# What the app is started with, where that is not an address for it to listen on.
APP_ARGUMENTS=()

WORK= APP= APP_PORT= PORT= CHECK= FRONT_ENDS=()

# prepare SAMPLE 'PROGRAM:PACKAGE...' [--check]
prepare() {
    local sample=$1 programs=$2
    shift 2
    case "${1-}" in
        "") ;;
        --check) CHECK=yes ;;
        *)
            echo "Usage: $0 [--check]   (--check: ask once, print the answer, stop)" >&2
            exit 2
            ;;
    esac

    if ! command -v dotnet >/dev/null; then
        echo "The .NET 10 SDK is needed, and no dotnet is in the PATH: https://dotnet.microsoft.com/download" >&2
        exit 1
    fi

    # Words, to be split.
    install_packages $programs curl:curl || exit 1
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/${sample,,}.XXXXXX")
    trap stop EXIT
    trap 'exit 0' INT TERM HUP
    # Started by root, front ends work as another user, who must get at what is theirs in here.
    chmod 711 "$WORK"
}

# start_app SAMPLE SCHEME [OTHER_URL]
start_app() {
    local project=$SAMPLES/$1 output i
    local arguments=(--urls "$2://127.0.0.1:0${3:+;$3}")
    [ ${#APP_ARGUMENTS[@]} -eq 0 ] || arguments=("${APP_ARGUMENTS[@]}")
    local build=(dotnet build "$project" -c Release -v quiet -nologo)
    if is_writable "$project"; then
        output=$project/bin/Release/net10.0
    else
        build+=(--artifacts-path "$WORK/artifacts")
        output=$WORK/artifacts/bin/$1/release
    fi

    echo "Building $1." >&2
    "${build[@]}" </dev/null >"$WORK/build.log" 2>&1 || { cat "$WORK/build.log" >&2; exit 1; }

    : >"$WORK/app.log"
    # Port 0: the app takes a free one and says which.
    (cd "$project" && exec dotnet "$output/$1.dll" "${arguments[@]}") </dev/null >"$WORK/app.log" 2>&1 &
    APP=$!
    for ((i = 0; i < 600; i++)); do
        APP_PORT=$(sed -n "s|.*Now listening on: $2://127.0.0.1:\([0-9]*\).*|\1|p" "$WORK/app.log")
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

# start_front_end NAME CONFIGURE COMMAND...: CONFIGURE writes the configuration for $PORT, which is another one where that is taken.
start_front_end() {
    local name=$1 configure=$2 try i process
    shift 2
    for ((try = 0; try < 20; try++)); do
        # Below the range that the system gives out by itself.
        PORT=$((20000 + RANDOM % 12000))
        ! is_open "$PORT" || continue
        "$configure"
        "$@" </dev/null >"$WORK/$name.log" 2>&1 &
        process=$!
        for ((i = 0; i < 100; i++)); do
            kill -0 "$process" 2>/dev/null || break
            if is_open "$PORT"; then
                FRONT_ENDS+=("$process")
                wait_for_answer
                return 0
            fi
            sleep 0.1
        done
        # Somebody else took the port meanwhile, or the configuration is wrong.
        kill -TERM "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
        grep -qi 'address already in use' "$WORK"/*.log || break
    done
    fail "$name did not start."
}

# site FILE: the documentation's own configuration. Only the addresses are replaced.
site() {
    sed -E "s/\b8080\b/$PORT/g; s/\b(3031|8000|9000)\b/$APP_PORT/g; s|/srv/site|$WORK/site|g" "$ROOT/docs/front-ends/$1"
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
    fail "There is no answer at port $PORT."
}

wait_for_end() {
    echo "Logs: $WORK. Ctrl-C stops all."
    wait -n "$APP" "${FRONT_ENDS[@]}" || true
    fail "One of them has ended by itself."
}

fail() {
    local log
    echo "$1" >&2
    for log in "$WORK"/*.log; do
        [ ! -s "$log" ] || { echo "--- ${log##*/}" >&2; tail -n 20 "$log" >&2; }
    done
    exit 1
}

stop() {
    local process i
    trap '' INT TERM HUP
    for process in "${FRONT_ENDS[@]}" $APP; do
        kill -TERM "$process" 2>/dev/null || true
    done
    for ((i = 0; i < 100; i++)); do
        is_running "${FRONT_ENDS[@]}" $APP || break
        sleep 0.1
    done
    for process in "${FRONT_ENDS[@]}" $APP; do
        ! is_running "$process" || kill -KILL "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    rm -rf -- "$WORK"
}

# Whether any of them is.
is_running() {
    local process
    for process in "$@"; do
        ! kill -0 "$process" 2>/dev/null || return 0
    done
    return 1
}
