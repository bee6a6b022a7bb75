# The two sets of precompiled headers, made once for all who reuse them.
if(CHATGATE_PCH)
  file(WRITE ${PROJECT_BINARY_DIR}/pch/empty.cc.in "")
  configure_file(${PROJECT_BINARY_DIR}/pch/empty.cc.in ${PROJECT_BINARY_DIR}/pch/library.cc COPYONLY)
  configure_file(${PROJECT_BINARY_DIR}/pch/empty.cc.in ${PROJECT_BINARY_DIR}/pch/test.cc COPYONLY)

  set(PCH_HEADERS
    <functional> <map> <memory> <string> <vector>
    <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/time/time.h>
    <chatgate/v1/chat_service.pb.h> <grpcpp/grpcpp.h>)
  add_library(chatgate_pch STATIC ${PROJECT_BINARY_DIR}/pch/library.cc)
  target_link_libraries(chatgate_pch PRIVATE chatgate::proto gRPC::grpc++ chatgate_warnings)
  target_precompile_headers(chatgate_pch PRIVATE ${PCH_HEADERS})

  add_library(chatgate_test_pch STATIC ${PROJECT_BINARY_DIR}/pch/test.cc)
  target_link_libraries(chatgate_test_pch PRIVATE chatgate::proto gRPC::grpc++
                        GTest::gmock chatgate_warnings)
  target_precompile_headers(chatgate_test_pch PRIVATE ${PCH_HEADERS}
    <gmock/gmock.h> <gtest/gtest.h>)
endif()
