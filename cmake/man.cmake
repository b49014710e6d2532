# Writes manual pages: cmake -DPROGRAM=firstbyte -DFOLDER=man -P man.cmake
file(MAKE_DIRECTORY "${FOLDER}")
execute_process(COMMAND "${PROGRAM}" help --man OUTPUT_FILE "${FOLDER}/firstbyte.1" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${PROGRAM}" help OUTPUT_VARIABLE overview COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\n  [a-z]+ " commands "${overview}")
foreach(command IN LISTS commands)
    string(STRIP "${command}" command)
    execute_process(COMMAND "${PROGRAM}" help --man "${command}" OUTPUT_FILE "${FOLDER}/firstbyte-${command}.1"
        COMMAND_ERROR_IS_FATAL ANY)
endforeach()
