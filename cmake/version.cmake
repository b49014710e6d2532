# Target firstbyte_version: keeps core/version.hpp true. It asks git at every build, which takes milliseconds, and
# writes only what has changed, so that nothing is compiled again without need.

set(FIRSTBYTE_GENERATED_DIR "${PROJECT_BINARY_DIR}/generated")

string(TOLOWER "${CMAKE_CXX_COMPILER_ID}" compiler_name)
string(REPLACE "gnu" "gcc" compiler_name "${compiler_name}")
string(REGEX MATCH "^[0-9]+\\.[0-9]+" compiler_version "${CMAKE_CXX_COMPILER_VERSION}")

set(write_version
    "${CMAKE_COMMAND}"
    "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}"
    "-DTEMPLATE=${PROJECT_SOURCE_DIR}/cmake/version.hpp.in"
    "-DOUTPUT=${FIRSTBYTE_GENERATED_DIR}/core/version.hpp"
    "-DVERSION=${PROJECT_VERSION}"
    "-DCOMPILER=${compiler_name} ${compiler_version}"
    -P "${PROJECT_SOURCE_DIR}/cmake/write_version.cmake")

add_custom_target(firstbyte_version
    COMMAND ${write_version}
    BYPRODUCTS "${FIRSTBYTE_GENERATED_DIR}/core/version.hpp"
    COMMENT "Asking git for the commit"
    VERBATIM)
# Now too, so that tools which only read compile_commands.json find the header.
execute_process(COMMAND ${write_version} COMMAND_ERROR_IS_FATAL ANY)
