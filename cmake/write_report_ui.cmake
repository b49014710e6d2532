# Script: writes OUTPUT with the style of SOURCE_DIR and the script that NPM makes of it in WORK_DIR. NPM is empty where
# there is none; when it fails, as without a network, the build goes on without a script unless REQUIRED.

set(script "")
if(NPM)
    file(MAKE_DIRECTORY "${WORK_DIR}")
    file(COPY "${SOURCE_DIR}/package.json" "${SOURCE_DIR}/package-lock.json" DESTINATION "${WORK_DIR}")
    # No package may run scripts of its own while it is installed.
    execute_process(COMMAND "${NPM}" ci --ignore-scripts --no-audit --no-fund --loglevel=error
            --fetch-retries=1 --fetch-timeout=20000
        WORKING_DIRECTORY "${WORK_DIR}" TIMEOUT 120 RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE reason)
    if(NOT failed)
        execute_process(
            COMMAND "${CMAKE_COMMAND}" -E env "NODE_PATH=${WORK_DIR}/node_modules"
                "${WORK_DIR}/node_modules/.bin/esbuild" "${SOURCE_DIR}/src/report.js" --bundle --minify --format=iife
                --target=es2020 --charset=utf8 --legal-comments=inline --log-level=warning
                "--outfile=${WORK_DIR}/report.js"
            RESULT_VARIABLE failed ERROR_VARIABLE reason)
    endif()
    if(NOT failed)
        file(READ "${WORK_DIR}/report.js" script)
        file(READ "${WORK_DIR}/node_modules/uplot/dist/uPlot.min.css" library_style)
    elseif(REQUIRED)
        message(FATAL_ERROR "the scripts of the HTML report could not be made: ${reason}")
    else()
        message(WARNING "the HTML report has static charts and tables only, for npm failed:\n${reason}")
    endif()
endif()

file(READ "${SOURCE_DIR}/src/report.css" style)
string(REGEX REPLACE "/\\*[^*]*\\*/" "" style "${style}")
string(REGEX REPLACE "\n +" "\n" style "${style}")
if(script)
    string(APPEND style "${library_style}")
endif()
# What would end the element that holds it.
foreach(text IN ITEMS script style)
    string(TOLOWER "${${text}}" lower)
    string(FIND "${lower}" "</${text}" end)
    if(NOT end EQUAL -1)
        message(FATAL_ERROR "the ${text} of the HTML report contains </${text}")
    endif()
endforeach()

# A literal holds 64 KiB at most with some compilers, joined ones too, so a text comes in pieces that are put together.
function(pieces text result)
    set(out "")
    string(LENGTH "${text}" length)
    set(at 0)
    while(at LESS length)
        string(SUBSTRING "${text}" ${at} 12000 piece)
        string(APPEND out "    text += R\"~fb~(${piece})~fb~\";\n")
        math(EXPR at "${at} + 12000")
    endwhile()
    set(${result} "${out}" PARENT_SCOPE)
endfunction()
pieces("${style}" style_pieces)
pieces("${script}" script_pieces)
file(WRITE "${OUTPUT}" "#include \"report/report_ui.hpp\"

namespace firstbyte::report {

std::string ui_style() {
    std::string text;
${style_pieces}    return text;
}

std::string ui_script() {
    std::string text;
${script_pieces}    return text;
}

} // namespace firstbyte::report
")
