#!/usr/bin/env bash
# tests/fuzz/fuzz_loader.sh [SECONDS] [LIBFUZZER OPTION...]: fuzzes the loader for 600 seconds, or as many as are given.
#
# Needs Clang and the release build. Starts from every scenario of this project, good and broken, and with the keys and
# choices of the format as dictionary. What it learns stays in build/fuzz/corpus; an input that fails is written to
# build/fuzz/finding-*, and is a test once it is mended.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
seconds=${1:-600}
(($# == 0)) || shift

[[ -f build/fuzz/CMakeCache.txt ]] || cmake -S . -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DFIRSTBYTE_FUZZ=ON
cmake --build build/fuzz --target fuzz_load_scenario
mkdir -p build/fuzz/corpus build/fuzz/seeds
cp tests/invalid/*.fb.json tests/scenario/*.fb.json scenarios/*.fb.json build/fuzz/seeds
# Every word between quotes in the schema that is a key or a choice, once more as a key, and a value of each kind.
{
    build/release/firstbyte schema scenario | grep -oE '"[a-z0-9_.-]{2,24}"' | sort -u | sed 's/"\(.*\)"/"\\"\1\\""/'
    printf '"%s"\n' '\":' '\"1ms\"' '\"0s\"' '\"5%\"' '\"1/s\"' '\"1KB\"' '\"1Mbps\"' '[' ']' '{}' '[]' null true -1 1e9 \
        '\"dist\":\"cdf\"' '[*]' '\"*\"' '\"x-' '//' '\\u0000'
} >build/fuzz/scenario.dict

ulimit -s 262144 # the tests' schema checker matches with std::regex, which recurses for each character
exec build/fuzz/fuzz_load_scenario -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=32768 \
    -dict=build/fuzz/scenario.dict -artifact_prefix=build/fuzz/finding- -print_final_stats=1 "$@" \
    build/fuzz/corpus build/fuzz/seeds
