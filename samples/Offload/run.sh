#!/usr/bin/env bash
# An app with one place for requests behind nginx: somebody reads 200 MB at a kilobyte a second, and everybody else is answered. Ctrl-C stops all.
. "$(dirname -- "${BASH_SOURCE[0]}")/../behind-nginx.sh"

readers=()
# Returns when it has begun: five at once would be four too many for one place.
read_slowly() {
    local output=$WORK/reader${#readers[@]} i
    curl --silent --fail --limit-rate 1k --output "$output" "http://127.0.0.1:$PORT/static/large" &
    readers+=("$!")
    FRONT_ENDS+=("$!")
    for ((i = 0; i < 100; i++)); do
        [ ! -s "$output" ] || return 0
        sleep 0.1
    done
    fail "A reader gets nothing."
}

# ask TIMES: how many of them were answered while somebody read. The place is free a moment behind its answer: hence the retry.
ask() {
    local i answered=0
    for ((i = 0; i < $1; i++)); do
        [ "$(curl --silent --fail --retry 3 --max-time 10 "http://127.0.0.1:$PORT/")" != "/: the app" ] || answered=$((answered + 1))
    done
    echo "$answered of $1 answered while ${#readers[@]} read slowly"
}

prepare Offload nginx:nginx "$@"
mkdir "$WORK/files"
cp "$SAMPLES/Offload/files/hello.txt" "$WORK/files"
truncate -s 200M "$WORK/files/large"
chmod -R a+rX "$WORK/files"
export Files=$WORK/files Offload__StaticMaps__0=/static=$WORK/files Offload__XSendfile__0=$WORK/files
start_app Offload uwsgi http://127.0.0.1:0
SITE=uwsgi-streaming
start_front_end nginx configure_nginx nginx -p "$WORK" -c "$WORK/nginx.conf" -e "$WORK/error.log"
for i in 1 2 3 4 5; do
    read_slowly
done

if [ -n "$CHECK" ]; then
    ask 50
    curl --fail --silent "http://127.0.0.1:$PORT/static/hello.txt"
    curl --fail --silent "http://127.0.0.1:$PORT/named/hello.txt"
    curl --fail --silent --range 2-5 "http://127.0.0.1:$PORT/result/hello.txt"
    exit
fi

ask 50
cat <<TEXT

Five clients read 200 MB at a kilobyte a second each. The app runs one request at a time, and answers:

    curl http://127.0.0.1:$PORT/
    curl http://127.0.0.1:$PORT/static/hello.txt     a file, before the app is asked
    curl http://127.0.0.1:$PORT/named/hello.txt      a file that the app names

TEXT
wait_for_end
