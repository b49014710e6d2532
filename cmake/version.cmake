# Target firstbyte_version: keeps version.cpp true, the one file that is compiled again when the commit changes. It asks
# git at every build, which takes milliseconds, and writes only what has changed.

set(FIRSTBYTE_GENERATED_DIR "${PROJECT_BINARY_DIR}/generated")
configure_file(cmake/version.hpp.in "${FIRSTBYTE_GENERATED_DIR}/core/version.hpp" COPYONLY)

string(TOLOWER "${CMAKE_CXX_COMPILER_ID}" compiler_name)
string(REPLACE "gnu" "gcc" compiler_name "${compiler_name}")
string(REGEX MATCH "^[0-9]+\\.[0-9]+" compiler_version "${CMAKE_CXX_COMPILER_VERSION}")

add_custom_target(firstbyte_version
    COMMAND "${CMAKE_COMMAND}"
        "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}"
        "-DTEMPLATE=${PROJECT_SOURCE_DIR}/cmake/version.cpp.in"
        "-DOUTPUT=${FIRSTBYTE_GENERATED_DIR}/core/version.cpp"
        "-DVERSION=${PROJECT_VERSION}"
        "-DCOMPILER=${compiler_name} ${compiler_version}"
        -P "${PROJECT_SOURCE_DIR}/cmake/write_version.cmake"
    BYPRODUCTS "${FIRSTBYTE_GENERATED_DIR}/core/version.cpp"
    COMMENT "Asking git for the commit"
    VERBATIM)
