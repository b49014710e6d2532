# Script: writes OUTPUT from TEMPLATE with VERSION, COMPILER and the commit of SOURCE_DIR, if that changes the file.

set(COMMIT unknown) # outside git, as in a release tarball
find_program(git git)
# A tarball unpacked inside somebody else's repository must not take that repository's commit for its own.
if(git AND EXISTS "${SOURCE_DIR}/.git")
    execute_process(COMMAND "${git}" rev-parse --short=7 HEAD WORKING_DIRECTORY "${SOURCE_DIR}"
        OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
        set(COMMIT "${head}")
        # 0: built from the commit as it stands; other sources say so.
        execute_process(COMMAND "${git}" diff --quiet HEAD -- CMakeLists.txt cmake include sim tools
            WORKING_DIRECTORY "${SOURCE_DIR}" OUTPUT_QUIET ERROR_QUIET RESULT_VARIABLE changed)
        if(changed)
            string(APPEND COMMIT "-dirty")
        endif()
    endif()
endif()
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
