// libFuzzer's way into tests/support/connection_pair.hpp: whatever the bytes, no rule of a connection may break.
//     cmake -S . -B build/fuzz -DCMAKE_CXX_COMPILER=clang++ -DFIRSTBYTE_FUZZ=ON
//     cmake --build build/fuzz --target fuzz_connection_pair && build/fuzz/fuzz_connection_pair -max_total_time=300
#include "support/connection_pair.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using firstbyte::test::run_pair;
    if (run_pair({data, size}).fault.empty()) return 0;
    const firstbyte::test::PairReport report = run_pair({data, size}, true);
    std::fprintf(stderr, "%s\n%s\n", report.log.c_str(), report.fault.c_str());
    std::abort();
}
