# Fuzz targets: what they test is compiled once more, with the fuzzer's instrumentation. Clang only.

if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "FIRSTBYTE_FUZZ needs Clang, whose libFuzzer it uses: add -DCMAKE_CXX_COMPILER=clang++")
endif()

file(GLOB fuzzed_sources CONFIGURE_DEPENDS sim/tcp/*.cpp)
add_executable(fuzz_connection_pair tests/fuzz/fuzz_connection_pair.cpp tests/support/connection_pair.cpp
    ${fuzzed_sources} sim/core/check.cpp sim/core/siphash.cpp)
set_target_properties(fuzz_connection_pair PROPERTIES CXX_EXTENSIONS OFF)
target_include_directories(fuzz_connection_pair PRIVATE sim tests include)
target_compile_options(fuzz_connection_pair PRIVATE -O1 -g1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all)
target_link_options(fuzz_connection_pair PRIVATE -fsanitize=fuzzer,address,undefined)
target_link_libraries(fuzz_connection_pair PRIVATE firstbyte_compile_options fmt::fmt)

# Loading, and laying out the world of what was loaded.
file(GLOB loader_sources CONFIGURE_DEPENDS sim/scenario/*.cpp sim/bgp/*.cpp sim/run/*.cpp)
list(FILTER loader_sources EXCLUDE REGEX "sim/run/(simulate|topology_tools)\\.cpp$")
add_executable(fuzz_load_scenario tests/fuzz/fuzz_load_scenario.cpp ${loader_sources} sim/tcp/settings.cpp
    sim/core/check.cpp sim/core/cities.cpp sim/core/data_files.cpp sim/core/event_names.cpp sim/core/histogram.cpp
    sim/core/random.cpp sim/core/results.cpp sim/core/sampler.cpp sim/core/sha256.cpp sim/core/siphash.cpp)
set_target_properties(fuzz_load_scenario PROPERTIES CXX_EXTENSIONS OFF)
target_include_directories(fuzz_load_scenario PRIVATE sim tests include)
target_include_directories(fuzz_load_scenario SYSTEM PRIVATE "${RANDOM123_INCLUDE_DIR}")
target_compile_options(fuzz_load_scenario PRIVATE -O1 -g1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all)
target_compile_definitions(fuzz_load_scenario PRIVATE FIRSTBYTE_DATA_DIR="${PROJECT_SOURCE_DIR}/scenarios/data")
target_link_options(fuzz_load_scenario PRIVATE -fsanitize=fuzzer,address,undefined)
target_link_libraries(fuzz_load_scenario PRIVATE firstbyte_compile_options Boost::headers nlohmann_json::nlohmann_json
    Boost::iostreams fmt::fmt OpenSSL::Crypto TBB::tbb)
