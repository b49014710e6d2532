#!/usr/bin/env bash
# tools/run on a small checkout: this one's build files and a program of a few lines in place of the real one.
# What it must do is in the comments of tools/run; here each promise is tried once.
set -euo pipefail
here=$(readlink -f "${BASH_SOURCE[0]}")
source_root=${here%/tests/house/*}
checkout=$(mktemp -d)
trap 'rm -rf "$checkout"' EXIT

mkdir -p "$checkout"/{sim/core,sim/report,tools,elsewhere,scenarios/data,fakes}
cp -r "$source_root"/{CMakeLists.txt,CMakePresets.json,cmake,include} "$checkout"
cp -r "$source_root"/tools/report-ui "$checkout/tools"
cp "$source_root"/sim/core/check.* "$checkout/sim/core"
cp "$source_root"/sim/report/report_ui.hpp "$checkout/sim/report"
cp "$source_root"/tools/{run,prepare.sh,packages.debian} "$checkout/tools"

write_program() { # WORD: a program that prints WORD and its arguments, and whose exit code is 7 when there are none
    cat >"$checkout/tools/main.cpp" <<CPP
#include <cstdio>
int main(int count, char** arguments) {
    std::printf("$1");
    for (int i = 1; i < count; ++i) std::printf(" [%s]", arguments[i]);
    std::printf("\\n");
    return count == 1 ? 7 : 0;
}
CPP
}

failed=0
expect() { # WHAT EXPECTED ACTUAL
    if [[ $2 == "$3" ]]; then return; fi
    printf 'FAILED: %s\n  expected: %s\n  found:    %s\n' "$1" "$2" "$3"
    failed=1
}

run() { "$checkout/tools/run" "$@" 2>"$checkout/stderr" || { status=$?; cat "$checkout/stderr" >&2; return $status; }; }

# With these first in PATH, a start that wants to build or to install cannot.
for tool in cmake apt-get dpkg-query; do
    printf '#!/bin/sh\necho "%s was called" >&2\nexit 1\n' "$tool" >"$checkout/fakes/$tool"
    chmod +x "$checkout/fakes/$tool"
done
with_fakes() { PATH="$checkout/fakes:$PATH" run "$@"; }

cd "$checkout/elsewhere"
echo '{}' >'a file.fb.json'

write_program first
expect 'builds first; stdout is the program alone' 'first [run] [a file.fb.json] [-j]' "$(run 'a file.fb.json' -j)"
expect 'the program stands where it is said to' yes "$([[ -x $checkout/build/release/firstbyte ]] && echo yes)"
expect 'no file: the arguments as they are' 'first [catchment] [a b]' "$(with_fakes catchment 'a b')"
status=0
with_fakes >/dev/null 2>&1 || status=$?
expect "the exit code is the program's" 7 "$status"
ln -s "$checkout/tools/run" "$checkout/elsewhere/link"
expect 'works through a symbolic link' 'first [x]' "$(PATH="$checkout/fakes:$PATH" ./link x)"

write_program second
expect 'an edit is built' 'second [x]' "$(run x)"

echo 'int unused_and_undeclared() { return 1 }' >"$checkout/sim/core/broken.cpp"
status=0
output=$("$checkout/tools/run" x 2>/dev/null) || status=$?
expect 'a new file that does not compile stops it' 1 "$status"
expect 'and nothing reaches stdout' '' "$output"
status=0
with_fakes x >/dev/null 2>&1 || status=$?
expect 'and it does not fall back to the old program later' 1 "$status"
rm "$checkout/sim/core/broken.cpp"
expect 'a deleted file is no longer part of it' 'second [x]' "$(run x)"

# Killed between configuring and building.
write_program third
cat >"$checkout/fakes/cmake" <<SH
#!/bin/sh
if [ "\$1" = --build ]; then kill -KILL \$PPID; fi
exec $(command -v cmake) "\$@"
SH
with_fakes x >/dev/null 2>&1 || true
expect 'after an interrupted build the next start builds' 'third [x]' "$(run x)"

mv "$checkout" "$checkout.moved"
checkout="$checkout.moved"
cd "$checkout/elsewhere"
expect 'a checkout that was moved is built anew' 'third [x]' "$(run x)"
printf '#!/bin/sh\nexit 1\n' >"$checkout/fakes/cmake"
expect 'once' 'third [x]' "$(with_fakes x)"

exit "$failed"
