# Style and script of the HTML report: one generated source file, report_ui.cpp. The style is a file of ours; the script
# is bundled from tools/report-ui and the packages of its lock file, which npm fetches.

set(FIRSTBYTE_REPORT_UI AUTO CACHE STRING
    "scripts of the HTML report: ON needs npm, OFF leaves them out, AUTO takes what there is")
set_property(CACHE FIRSTBYTE_REPORT_UI PROPERTY STRINGS AUTO ON OFF)

find_program(FIRSTBYTE_NPM npm)
set(report_ui_npm "")
if(FIRSTBYTE_REPORT_UI AND FIRSTBYTE_NPM)
    set(report_ui_npm "${FIRSTBYTE_NPM}")
elseif(FIRSTBYTE_REPORT_UI STREQUAL "AUTO")
    message(STATUS "HTML report: npm was not found, so it has static charts and tables only (FIRSTBYTE_REPORT_UI)")
elseif(FIRSTBYTE_REPORT_UI)
    message(FATAL_ERROR "FIRSTBYTE_REPORT_UI=ON needs npm, which was not found")
else()
    message(STATUS "HTML report: static charts and tables only (FIRSTBYTE_REPORT_UI=OFF)")
endif()
if(FIRSTBYTE_REPORT_UI STREQUAL "AUTO")
    set(report_ui_required OFF)
else()
    set(report_ui_required ${FIRSTBYTE_REPORT_UI})
endif()

file(GLOB report_ui_sources CONFIGURE_DEPENDS tools/report-ui/src/*)
set(report_ui_cpp "${FIRSTBYTE_GENERATED_DIR}/report/report_ui.cpp")
add_custom_command(OUTPUT "${report_ui_cpp}"
    COMMAND "${CMAKE_COMMAND}"
        "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}/tools/report-ui"
        "-DWORK_DIR=${PROJECT_BINARY_DIR}/report-ui"
        "-DNPM=${report_ui_npm}"
        "-DREQUIRED=${report_ui_required}"
        "-DOUTPUT=${report_ui_cpp}"
        -P "${PROJECT_SOURCE_DIR}/cmake/write_report_ui.cmake"
    DEPENDS ${report_ui_sources} tools/report-ui/package.json tools/report-ui/package-lock.json
        cmake/write_report_ui.cmake
    COMMENT "Bundling the scripts of the HTML report"
    VERBATIM)
target_sources(firstbyte PRIVATE "${report_ui_cpp}")
