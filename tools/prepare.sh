# Sourced by tools/run, tools/test, tools/bench and tools/validate: packages, and the release build of the program.
# shellcheck shell=bash
# Everything here prints to stderr only through its callers, who redirect it: stdout belongs to the program.

root=$(readlink -f "${BASH_SOURCE[0]}")
root=${root%/tools/*}
build="$root/build/release"
# shellcheck disable=SC2034  # used by those who source this
program="$build/firstbyte"
stamp="$build/program.built" # says: every source older than this is in the program

# packages_for NEED...: the packages of these sections of tools/packages.debian.
packages_for() {
    local line section=
    while read -r line; do
        case $line in
        '' | '#'*) ;;
        '['*']') section=${line:1:-1} ;;
        *) case " $* " in *" $section "*) echo "$line" ;; esac ;;
        esac
    done <"$root/tools/packages.debian"
}

# install_missing NEED...: installs what is not there yet, or says what is missing and how to get it.
install_missing() {
    local -a wanted=() missing=() as_root=()
    local name state
    local -A installed=()
    mapfile -t wanted < <(packages_for "$@")
    if ! command -v dpkg-query >/dev/null; then
        echo "note: not a Debian system, so nothing is installed; the build needs what Debian 12 calls: ${wanted[*]}"
        return
    fi
    # dpkg-query fails when it does not know one of the names; it lists the others all the same.
    while read -r name state; do
        [[ $state != installed ]] || installed[$name]=1
    done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null)
    for name in "${wanted[@]}"; do
        [[ -n ${installed[$name]:-} ]] || missing+=("$name")
    done
    ((${#missing[@]})) || return 0
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            echo "error: these packages are missing, and this is neither root nor is there sudo to install them:"
            echo "         ${missing[*]}"
            echo "       as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
            exit 1
        fi
        as_root=(sudo)
    fi
    echo "installing ${missing[*]}"
    # Somebody else's apt may be at work: wait for it, five minutes at most.
    local -a apt_get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
    if ! "${apt_get[@]}" update || ! "${apt_get[@]}" install -y --no-install-recommends "${missing[@]}"; then
        echo "error: could not install ${missing[*]}"
        exit 1
    fi
}

# forget_moved_build FOLDER: CMake refuses a build folder that was made for a checkout elsewhere.
forget_moved_build() {
    local cache="$1/CMakeCache.txt"
    if [[ -f $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
        rm -rf "$1"
    fi
}

# program_is_current: no source, and no folder that had one added or removed, is newer than the program.
program_is_current() {
    local built_for commit_log
    [[ -x $program && -f $stamp ]] || return 1
    read -r built_for <"$stamp" || return 1
    [[ $built_for == "$root" ]] || return 1 # moved: the path of the shipped data is compiled in
    local -a inputs=("$root"/{CMakeLists.txt,CMakePresets.json,cmake,include,sim,tools})
    # The program names its commit.
    commit_log="$root/.git/logs/HEAD"
    if [[ -f $root/.git ]]; then
        commit_log=$(git -C "$root" rev-parse --path-format=absolute --git-path logs/HEAD)
    fi
    [[ ! -e $commit_log ]] || inputs+=("$commit_log")
    [[ -z $(find "${inputs[@]}" -newer "$stamp" -print -quit 2>&1) ]]
}

# build_program [CMAKE OPTION...]: configures and builds the program in build/release; one caller at a time.
# Steps are joined by && because bash ignores `set -e` in a function whose result is asked for.
build_program() (
    mkdir -p "$root/build" && exec 9>"$root/build/lock" && flock 9 || return
    if (($# == 0)) && program_is_current; then return; fi # another one has just built it
    install_missing run && forget_moved_build "$build" || return
    # The stamp has the time before the build, so that an edit during it counts as not built. It becomes valid by being
    # renamed after the build: an interrupted build leaves none.
    mkdir -p "$build" && rm -f "$stamp" && echo "$root" >"$stamp.new" && cd "$root" &&
        cmake --preset release "$@" &&
        cmake --build build/release --target firstbyte_cli &&
        mv "$stamp.new" "$stamp"
)
