# Sourced by the samples' and the tests' scripts: installs Debian or Ubuntu packages for programs that are missing.

# The distributions keep servers where ordinary users do not look.
PATH="$PATH:/usr/sbin:/usr/local/sbin:/sbin"

POLICY=/usr/sbin/policy-rc.d

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Nobody asked for a server on port 80: no service is started now, or at the next boot.
without_services() (
    added=
    if [ ! -e "$POLICY" ]; then
        added=yes
        trap '[ -z "$added" ] || as_root rm -f "$POLICY"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
        as_root chmod 755 "$POLICY"
    fi
    "$@"
)

# install_packages PROGRAM:PACKAGE... returns 1, naming what is missing, where it cannot install. A program may be the path of a module too.
install_packages() {
    local pair program packages=() services=()
    for pair in "$@"; do
        program=${pair%%:*}
        if ! is_installed "$program"; then
            packages+=("${pair##*:}")
            services+=("${program##*/}")
        fi
    done

    [ ${#packages[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "Missing, and there is no apt-get here: ${packages[*]}." >&2
        return 1
    fi

    if [ "$(id -u)" -ne 0 ] && ! sudo -v 2>/dev/null; then
        echo "Missing: ${packages[*]}. As root: apt-get install --no-install-recommends ${packages[*]}" >&2
        return 1
    fi

    echo "Installing ${packages[*]}." >&2
    as_root apt-get -qq update >&2 || return 1
    if ! apt_install "${packages[@]}"; then
        # Not every distribution has every one of them: then one by one.
        for pair in "${packages[@]}"; do
            apt_install "$pair" || echo "$pair cannot be installed." >&2
        done
    fi

    for program in "${services[@]}"; do
        if [ -e "/etc/init.d/$program" ]; then
            as_root update-rc.d "$program" disable >/dev/null 2>&1 || true
        elif command -v systemctl >/dev/null; then
            as_root systemctl disable "$program" >/dev/null 2>&1 || true
        fi
    done

    for pair in "$@"; do
        is_installed "${pair%%:*}" || return 1
    done
}

is_installed() {
    [[ $1 == /* && -e $1 ]] || command -v "$1" >/dev/null
}

apt_install() {
    without_services as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" </dev/null >&2
}
