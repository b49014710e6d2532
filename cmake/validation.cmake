# firstbyte-validate: what the simulator says against what was measured elsewhere. A library, so that tests call it.

file(GLOB validation_sources CONFIGURE_DEPENDS tools/validation/*.cpp)
list(REMOVE_ITEM validation_sources "${PROJECT_SOURCE_DIR}/tools/validation/main.cpp")
add_library(firstbyte_validation STATIC ${validation_sources})
set_target_properties(firstbyte_validation PROPERTIES CXX_EXTENSIONS OFF)
# Routing cases are replayed on the routing layer itself: graphs and events of theirs no scenario can say.
target_include_directories(firstbyte_validation PUBLIC tools sim)
# Where the records and the document lie.
target_compile_definitions(firstbyte_validation PRIVATE FIRSTBYTE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_link_libraries(firstbyte_validation
    PUBLIC firstbyte::firstbyte nlohmann_json::nlohmann_json
    PRIVATE firstbyte_compile_options Boost::headers CLI11::CLI11 fmt::fmt)
target_include_directories(firstbyte_validation SYSTEM PRIVATE "${RANDOM123_INCLUDE_DIR}")

add_executable(firstbyte_validate tools/validation/main.cpp)
set_target_properties(firstbyte_validate PROPERTIES OUTPUT_NAME firstbyte-validate CXX_EXTENSIONS OFF)
target_link_libraries(firstbyte_validate PRIVATE firstbyte_validation firstbyte_compile_options)
