// libFuzzer's way into the loader: whatever the bytes, they are refused with placed faults, or they are a scenario
// whose effective form loads again and says the same.
//     cmake -S . -B build/fuzz -DCMAKE_CXX_COMPILER=clang++ -DFIRSTBYTE_FUZZ=ON
//     cmake --build build/fuzz --target fuzz_load_scenario
//     mkdir -p build/corpus && build/fuzz/fuzz_load_scenario -max_total_time=600 build/corpus tests/invalid
//     tests/scenario
#include "firstbyte/scenario.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

[[noreturn]] void fail(const char* what, const std::string& detail) {
    std::fprintf(stderr, "%s:\n%s\n", what, detail.c_str());
    std::abort();
}

void check_faults(const firstbyte::ScenarioError& error) {
    if (error.issues().empty()) fail("refused without a fault", error.what());
    for (const firstbyte::Issue& issue : error.issues()) {
        const bool placed = issue.line >= 1 && issue.column >= 1 && issue.length >= 1;
        if (!placed || issue.code.size() != 4 || issue.message.empty())
            fail("a fault without its place", issue.message);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size); // NOLINT: bytes are characters here
    std::string effective;
    try {
        effective = firstbyte::load_scenario(text, "fuzz.fb.json").effective_json;
    } catch (const firstbyte::ScenarioError& error) {
        check_faults(error);
        return 0;
    }
    try {
        const std::string again = firstbyte::load_scenario(effective, "effective.fb.json").effective_json;
        if (again != effective) fail("the effective scenario changes when it is loaded", effective + "\n" + again);
    } catch (const firstbyte::ScenarioError& error) {
        fail("the effective scenario is refused", error.what() + ("\n" + effective));
    }
    return 0;
}
