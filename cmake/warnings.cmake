option(CHATGATE_WERROR "Warnings are errors" OFF)
option(CHATGATE_FUZZ "Build the fuzz targets with libFuzzer (clang)" OFF)
set(CHATGATE_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, such as address,undefined")

add_library(chatgate_warnings INTERFACE)
target_compile_options(chatgate_warnings INTERFACE -Wall -Wextra -Wnon-virtual-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Only clang checks the thread annotations.
  target_compile_options(chatgate_warnings INTERFACE -Wthread-safety -Wthread-safety-beta)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # From -O2 on, g++ 12 sees overlaps and bounds in std::string that are none. What is
  # real among these the address sanitizer finds.
  target_compile_options(chatgate_warnings INTERFACE
    -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  if(CHATGATE_SANITIZE MATCHES "thread")
    # Fences inside protobuf's headers, which the sanitizer does not follow.
    target_compile_options(chatgate_warnings INTERFACE -Wno-tsan)
  endif()
endif()
if(CHATGATE_WERROR)
  target_compile_options(chatgate_warnings INTERFACE -Werror)
endif()

# For every target alike, or precompiled headers could not be shared.
add_compile_options(-pthread)

if(CHATGATE_SANITIZE)
  add_compile_options(-fsanitize=${CHATGATE_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${CHATGATE_SANITIZE})
  if(CHATGATE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(CHATGATE_FUZZ)
  # Coverage for everything; only the fuzz targets themselves link libFuzzer's main.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
