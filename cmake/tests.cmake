# One executable holds every test; CTest gets one test per source file, so that a failure names its file.

find_package(doctest 2.4 REQUIRED)
file(GLOB_RECURSE test_sources CONFIGURE_DEPENDS tests/test_*.cpp)
file(GLOB test_support CONFIGURE_DEPENDS tests/support/*.cpp)
add_executable(firstbyte_tests tests/main.cpp ${test_sources} ${test_support})
add_dependencies(firstbyte_tests firstbyte_cli firstbyte_validate)
set_target_properties(firstbyte_tests PROPERTIES CXX_EXTENSIONS OFF)
target_include_directories(firstbyte_tests PRIVATE sim tests "${FIRSTBYTE_GENERATED_DIR}")
target_include_directories(firstbyte_tests SYSTEM PRIVATE "${RANDOM123_INCLUDE_DIR}")
target_compile_definitions(firstbyte_tests PRIVATE
    FIRSTBYTE_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    FIRSTBYTE_PROGRAM="$<TARGET_FILE:firstbyte_cli>"
    FIRSTBYTE_VALIDATE_PROGRAM="$<TARGET_FILE:firstbyte_validate>")
# Templates of doctest and nlohmann/json take a third longer to compile at -O3, and what is to be fast is the library.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(firstbyte_tests PRIVATE -O1)
endif()
target_link_libraries(firstbyte_tests PRIVATE
    firstbyte::firstbyte firstbyte_validation firstbyte_compile_options doctest::doctest
    Boost::headers nlohmann_json::nlohmann_json fmt::fmt OpenSSL::Crypto TBB::tbb)

# What a person's shell has set must not change what a test sees.
set(clean_environment FIRSTBYTE_DATA=unset: NO_COLOR=unset: CLICOLOR_FORCE=unset: UBSAN_OPTIONS=set:print_stacktrace=1)

# Left to the build without sanitizers, for they take minutes with them and run code that other tests run, too.
set(left_out)
if(FIRSTBYTE_SANITIZE)
    set(left_out "--test-case-exclude=documents: every command*,oracles: every family*")
    list(FILTER test_sources EXCLUDE REGEX
        "conformance/test_oracles|report/test_honest_intervals|cli/test_pictures|run/test_same_bytes")
endif()

foreach(source IN LISTS test_sources)
    file(RELATIVE_PATH name "${PROJECT_SOURCE_DIR}/tests" "${source}")
    string(REGEX REPLACE "test_([^/]*)\\.cpp$" "\\1" test_name "${name}") # core/test_histogram.cpp: core/histogram
    add_test(NAME "${test_name}" COMMAND firstbyte_tests "--source-file=*/tests/${name}" ${left_out})
    set_tests_properties("${test_name}" PROPERTIES
        TIMEOUT 900
        ENVIRONMENT_MODIFICATION "${clean_environment}"
        FAIL_REGULAR_EXPRESSION "test cases: +0 ") # a file without a test case would pass for ever
endforeach()

if(FIRSTBYTE_BUILD_CHECKS)
    # Internal headers, each as the first include of a source file: its own, or one that is made here.
    file(GLOB_RECURSE internal_headers CONFIGURE_DEPENDS sim/*.hpp)
    set(header_sources)
    foreach(header IN LISTS internal_headers)
        file(RELATIVE_PATH name "${PROJECT_SOURCE_DIR}/sim" "${header}")
        string(REGEX REPLACE "hpp$" "cpp" own_source "${header}")
        if(EXISTS "${own_source}")
            file(STRINGS "${own_source}" includes REGEX "^#include" LIMIT_COUNT 1)
            if(includes STREQUAL "#include \"${name}\"")
                continue()
            endif()
        endif()
        set(source "${PROJECT_BINARY_DIR}/header_alone/${name}.cpp")
        file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"${name}\"\n")
        list(APPEND header_sources "${source}")
    endforeach()
    add_library(firstbyte_internal_headers OBJECT EXCLUDE_FROM_ALL ${header_sources})
    set_target_properties(firstbyte_internal_headers PROPERTIES CXX_EXTENSIONS OFF EXPORT_COMPILE_COMMANDS OFF)
    target_include_directories(firstbyte_internal_headers PRIVATE sim "${FIRSTBYTE_GENERATED_DIR}")
    target_include_directories(firstbyte_internal_headers SYSTEM PRIVATE "${RANDOM123_INCLUDE_DIR}")
    target_compile_options(firstbyte_internal_headers PRIVATE -O0)
    target_link_libraries(firstbyte_internal_headers PRIVATE
        firstbyte::firstbyte firstbyte_compile_options
        Boost::headers nlohmann_json::nlohmann_json fmt::fmt OpenSSL::Crypto TBB::tbb)

    add_test(NAME house/public_headers_alone
        COMMAND "${CMAKE_COMMAND}" --build "${PROJECT_BINARY_DIR}" --target firstbyte_verify_interface_header_sets)
    add_test(NAME house/internal_headers_alone
        COMMAND "${CMAKE_COMMAND}" --build "${PROJECT_BINARY_DIR}" --target firstbyte_internal_headers)
    add_test(NAME package/consumer
        COMMAND "${CMAKE_COMMAND}"
            "-DFIRSTBYTE_BUILD_DIR=${PROJECT_BINARY_DIR}"
            "-DCXX_COMPILER=${CMAKE_CXX_COMPILER}"
            "-DLIBDIR=${CMAKE_INSTALL_LIBDIR}"
            -P "${PROJECT_SOURCE_DIR}/tests/package/check.cmake")
    add_test(NAME house/start_commands COMMAND "${PROJECT_SOURCE_DIR}/tests/house/start_commands.sh")
    # Two builds in one build folder would meet.
    set_tests_properties(house/public_headers_alone house/internal_headers_alone package/consumer PROPERTIES
        RESOURCE_LOCK build_folder)
    set_tests_properties(house/public_headers_alone house/internal_headers_alone package/consumer house/start_commands
        PROPERTIES TIMEOUT 900)
endif()
