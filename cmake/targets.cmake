# Precompiled headers halve the time of a clean build. The preset `dev` does without,
# so that a file which forgets an include is found there.
option(CHATGATE_PCH "Precompile the headers that most files include" OFF)

# One library per folder, so that the linker agrees with the layering table.
#
#   chatgate_library(hub SRCS hub.cc DEPS chatgate::event_log)
function(chatgate_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_library(chatgate_${name} STATIC ${ARG_SRCS})
  add_library(chatgate::${name} ALIAS chatgate_${name})
  target_include_directories(chatgate_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(chatgate_${name} PUBLIC ${ARG_DEPS} PRIVATE chatgate_warnings)
  if(CHATGATE_PCH AND ARG_DEPS MATCHES "chatgate::(proto|grpc|json|backend|event_log|client)")
    target_precompile_headers(chatgate_${name} REUSE_FROM chatgate_pch)
  endif()
endfunction()

# One program, into build/<preset>/bin.
function(chatgate_binary name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} chatgate_warnings)
endfunction()

# Memory for programs that hand it from thread to thread all day: the gateway, and those
# that measure it or are measured beside it (docs/adr/0030). Sanitizers have their own.
add_library(chatgate_allocator INTERFACE)
if(NOT CHATGATE_SANITIZE)
  target_link_libraries(chatgate_allocator INTERFACE PkgConfig::TCMALLOC)
  target_compile_definitions(chatgate_allocator INTERFACE CHATGATE_TCMALLOC)
endif()

# One test program, run by ctest as one test; gtest_main unless MAIN is given.
#
#   chatgate_test(hub_test SRCS hub_test.cc DEPS chatgate::hub [TIMEOUT 60] [PROGRAMS])
#
# PROGRAMS: it starts the real programs; ctest's label `programs`.
function(chatgate_test name)
  cmake_parse_arguments(ARG "PROGRAMS" "TIMEOUT" "SRCS;DEPS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SRCS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} chatgate::test_support
                        chatgate_warnings GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(CHATGATE_PCH AND NOT ARG_DEPS MATCHES "HTTPLIB")
    target_precompile_headers(${name} REUSE_FROM chatgate_test_pch)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT
    "TSAN_OPTIONS=ignore_noninstrumented_modules=1:suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp:halt_on_error=1")
  if(ARG_PROGRAMS)
    set_tests_properties(${name} PROPERTIES LABELS programs)
  endif()
endfunction()
