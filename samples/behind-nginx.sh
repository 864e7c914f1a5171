# Sourced by samples/*/run.sh: an app and an nginx in front of it, on free ports of the loopback address, until Ctrl-C.

. "$(dirname -- "${BASH_SOURCE[0]}")/sample.sh"

# A sample may say otherwise: the documentation's site, what the app speaks there, and how curl asks.
SITE=uwsgi SCHEME=uwsgi ASK=(--fail)

# behind_nginx SAMPLE [--check]
behind_nginx() {
    local sample=$1 path
    shift
    prepare "$sample" nginx:nginx "$@"
    start_app "$sample" "$SCHEME" http://127.0.0.1:0
    start_front_end nginx configure_nginx nginx -p "$WORK" -c "$WORK/nginx.conf" -e "$WORK/error.log"

    if [ -n "$CHECK" ]; then
        for path in "${PATHS[@]}"; do
            echo "curl http://127.0.0.1:$PORT$path" >&2
            curl "${ASK[@]}" --silent --show-error --max-time 10 "http://127.0.0.1:$PORT$path"
        done
        return
    fi

    cat <<TEXT

$sample answers behind nginx:

$(printf "    http://127.0.0.1:$PORT%s\n" "${PATHS[@]}")

    curl http://127.0.0.1:$PORT${PATHS[0]}

TEXT
    wait_for_end
}

configure_nginx() {
    local parameters
    parameters=$(nginx -V 2>&1 | sed -n 's/.*--conf-path=\([^ ]*\).*/\1/p')
    parameters=$(dirname -- "${parameters:-/etc/nginx/nginx.conf}")
    cp "$parameters/uwsgi_params" "$parameters/fastcgi_params" "$parameters/scgi_params" "$WORK"
    site "nginx/$SITE.conf" >"$WORK/site.conf"
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
}
