#!/usr/bin/env bash
# Installs the front ends where they are missing (Debian, Ubuntu), builds everything, runs every test.
#
#   tests/run.sh                                  everything
#   tests/run.sh FullyQualifiedName~Crowd         what the filter names (dotnet test --filter)
#
# Where a front end is missing and cannot be installed, its tests are skipped by name; with CI=true that is a failure.
# The last line is "N passed, N failed"; the exit code is 0 only when some passed and none failed.

set -euo pipefail

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
. "$ROOT/samples/packages.sh"
cd -- "$ROOT"

# The tests take the system's chromium: nothing is to be downloaded beside it.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if ! command -v dotnet >/dev/null; then
    echo "The .NET 10 SDK is needed, and no dotnet is in the PATH: https://dotnet.microsoft.com/download" >&2
    exit 1
fi

install_packages nginx:nginx apache2:apache2-bin /usr/lib/apache2/modules/mod_fcgid.so:libapache2-mod-fcgid /usr/lib/apache2/modules/mod_xsendfile.so:libapache2-mod-xsendfile spawn-fcgi:spawn-fcgi cgi-fcgi:libfcgi-bin lighttpd:lighttpd /usr/lib/lighttpd/mod_openssl.so:lighttpd-mod-openssl caddy:caddy haproxy:haproxy h2o:h2o uwsgi-core:uwsgi-core chromium:chromium curl:curl openssl:openssl || {
    [ "${CI:-}" != true ] || exit 1
    echo "Their tests are skipped." >&2
}

# -warnaserror: a warning of the build itself, a package's for one, is a mistake too.
dotnet build Uwsgi.Protocol.sln -c Release -warnaserror -nologo -v minimal </dev/null || {
    echo "It does not build."
    echo "0 passed, 1 failed"
    exit 1
}

RESULTS=$(mktemp -d "${TMPDIR:-/tmp}/tests.XXXXXX")
trap 'rm -rf -- "$RESULTS"' EXIT

# One project after the other: the crowds and the timeouts of one are not to be the other's weather.
failed_projects=0
for project in tests/*/*Tests.csproj; do
    echo "== $(basename "$project" .csproj)"
    dotnet test "$project" -c Release --no-build -nologo --results-directory "$RESULTS" \
        --logger "trx;LogFileName=$(basename "$project" .csproj).trx" --logger "console;verbosity=normal" \
        ${1:+--filter "$1"} </dev/null 2>&1 | grep -vE '^ *Passed |^\[xUnit.net' | tee -a "$RESULTS/console" || failed_projects=$((failed_projects + 1))
done

# <Counters total="3" executed="3" passed="3" failed="0" error="0" timeout="0" aborted="0" ... />
sum() {
    cat "$RESULTS"/*.trx 2>/dev/null | grep -o '<Counters [^>]*>' | grep -oE " ($1)=\"[0-9]+\"" | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'
}

passed=$(sum passed)
failed=$(sum 'failed|error|timeout|aborted')

# What failed, once more: a tail of all this is often what is kept.
failures=$(awk '/^  Failed [^:]/ { left = 40; print "" } /^  Skipped |^Results File:|^Test Run / { left = 0 } left-- > 0' "$RESULTS/console")
[ -z "$failures" ] || printf 'FAILED TESTS\n%s\n' "$failures"

# A test host that crashed has counted nothing.
if [ "$failed_projects" -gt 0 ] && [ "$failed" -eq 0 ]; then
    failed=$failed_projects
fi

echo "$passed passed, $failed failed"
[ "$passed" -gt 0 ] && [ "$failed" -eq 0 ]
