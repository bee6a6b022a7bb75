# Installs the client library of BUILD into a fresh folder, builds the program beside
# this file against it, and runs that: cmake -DBUILD=... -DWORK=... -P run.cmake
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY OUTPUT_VARIABLE output)
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix --component client)
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${WORK}/build
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_COMPILER=${COMPILER}
    -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/installed)
if(NOT output STREQUAL "Hey, great!\n")
  message(FATAL_ERROR "the program said: ${output}")
endif()
# Nothing in the package may point back into this tree.
file(GLOB package ${WORK}/prefix/lib*/cmake/chatgate/*.cmake
     ${WORK}/prefix/lib*/*/cmake/chatgate/*.cmake)
foreach(file ${package})
  file(READ ${file} text)
  foreach(tree ${BUILD} ${SOURCE})
    string(FIND "${text}" "${tree}/" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${file} mentions ${tree}")
    endif()
  endforeach()
endforeach()
file(REMOVE_RECURSE ${WORK})
