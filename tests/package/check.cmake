# Script: installs FIRSTBYTE_BUILD_DIR, builds this folder's program against the installation alone, runs it, and looks
# at its number; then runs the installed firstbyte, which must find the installed scenarios and data.

set(work "${FIRSTBYTE_BUILD_DIR}/package")
set(prefix "${work}/prefix")
file(REMOVE_RECURSE "${work}")

function(run)
    execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run("${CMAKE_COMMAND}" --install "${FIRSTBYTE_BUILD_DIR}" --prefix "${prefix}")
run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}" -B "${work}/build"
    "-DCMAKE_PREFIX_PATH=${prefix}" "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" -DCMAKE_BUILD_TYPE=Release)
run("${CMAKE_COMMAND}" --build "${work}/build")

execute_process(COMMAND "${work}/build/consumer" OUTPUT_VARIABLE median OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
# Two round trips of 80 ms without TLS: SYN and SYN-ACK, request and response (RFC 9293 section 3.5). What the packets
# take to be put on the wire is far below 1 ms at any access rate of today.
if(NOT median MATCHES "^[0-9]+$" OR median LESS 160000000 OR median GREATER 161000000)
    message(FATAL_ERROR "the consumer's median time to first byte is '${median}' ns, expected two round trips of 80 ms")
endif()

execute_process(COMMAND "${prefix}/bin/firstbyte" --version COMMAND_ERROR_IS_FATAL ANY)
foreach(installed IN ITEMS share/firstbyte/scenarios share/firstbyte/data)
    if(NOT IS_DIRECTORY "${prefix}/${installed}")
        message(FATAL_ERROR "${installed} is not installed")
    endif()
endforeach()
