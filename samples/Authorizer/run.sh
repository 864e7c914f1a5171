#!/usr/bin/env bash
# An ASP.NET Core app that guards a site of files, which lighttpd and Apache serve: installs both where they are missing, starts all, prints the URLs.
# Ctrl-C stops them.
. "$(dirname -- "${BASH_SOURCE[0]}")/../sample.sh"

configure_lighttpd() {
    {
        echo "server.document-root = \"$WORK/site\""
        echo "server.errorlog = \"$WORK/lighttpd-errors.log\""
        site lighttpd/authorizer.conf
    } >"$WORK/lighttpd.conf"
}

configure_apache() {
    local module
    {
        cat <<CONF
ServerRoot $WORK
ServerName 127.0.0.1
Listen 127.0.0.1:$PORT
PidFile apache.pid
ErrorLog apache-errors.log
DefaultRuntimeDir .
Mutex pthread
CONF
        # Its children change to the user that it was built with.
        [ "$(id -u)" -ne 0 ] || printf 'User www-data\nGroup www-data\n'
        for module in mpm_event authz_core authn_core authz_user authnz_fcgi proxy proxy_fcgi dir mime; do
            echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
        done
        echo "TypesConfig /etc/mime.types"
        site apache/authorizer.conf
    } >"$WORK/httpd.conf"
}

# visit FRONT_END ADDRESS: what a stranger gets, and what a member, and what only the staff may have.
visit() {
    local jar=$WORK/$1.cookies token
    local curl=(curl --silent --show-error --max-time 10 --cookie "$jar" --cookie-jar "$jar")
    : >"$jar"
    echo "$1, nobody: $("${curl[@]}" -o /dev/null -w '%{http_code} %{redirect_url}' "$2/")"
    token=$("${curl[@]}" "$2/account/sign-in" | sed -n 's/.*name="__RequestVerificationToken" value="\([^"]*\)".*/\1/p')
    echo "$1, bob signs in: $("${curl[@]}" -o /dev/null -w '%{http_code} %{redirect_url}' --data-urlencode "__RequestVerificationToken=$token" \
        --data-urlencode name=bob --data-urlencode 'password=open sesame' "$2/account/sign-in?returnUrl=/index.html")"
    echo "$1, bob, /index.html: $("${curl[@]}" "$2/index.html" | sed -n 's|.*<h1>\(.*\)</h1>.*|\1|p')"
    echo "$1, bob, /staff/plan.html: $("${curl[@]}" "$2/staff/plan.html")"
}

prepare Authorizer 'lighttpd:lighttpd apache2:apache2-bin' "$@"
cp -r "$SAMPLES/Authorizer/site" "$WORK/site"
chmod -R a+rX "$WORK/site"
start_app Authorizer fastcgi
start_front_end lighttpd configure_lighttpd lighttpd -D -f "$WORK/lighttpd.conf"
LIGHTTPD=http://127.0.0.1:$PORT
start_front_end apache configure_apache apache2 -DFOREGROUND -d "$WORK" -f "$WORK/httpd.conf"
APACHE=http://127.0.0.1:$PORT

if [ -n "$CHECK" ]; then
    visit lighttpd "$LIGHTTPD" | tee "$WORK/lighttpd.txt"
    visit apache "$APACHE" | tee "$WORK/apache.txt"
    for front_end in "lighttpd $LIGHTTPD" "apache $APACHE"; do
        set -- $front_end
        diff "$WORK/$1.txt" - <<TEXT || fail "That is not what $1 should have got."
$1, nobody: 302 $2/account/sign-in?ReturnUrl=%2F
$1, bob signs in: 302 $2/index.html
$1, bob, /index.html: For members
$1, bob, /staff/plan.html: This is not for you.
TEXT
    done
    exit
fi

cat <<TEXT

A site of files, guarded by an app:

    $LIGHTTPD/   lighttpd
    $APACHE/   Apache

ann (staff) and bob may sign in; the password is: open sesame

TEXT
wait_for_end
