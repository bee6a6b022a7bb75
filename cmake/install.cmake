# `cmake --install BUILD --prefix PREFIX`: the programs, and the C++ client library for
# find_package(chatgate). The parts `programs` and `client` can be installed alone.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(CHATGATE_INCLUDE ${CMAKE_INSTALL_INCLUDEDIR}/chatgate)
set(CHATGATE_PACKAGE ${CMAKE_INSTALL_LIBDIR}/cmake/chatgate)

install(TARGETS chatgate chatgatectl chatgate-responder COMPONENT programs)
install(FILES examples/chatgate.textproto examples/rules/greeting.textproto
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT programs)

# What users link is chatgate::client and chatgate::fake_chat_service; the others are
# what these need.
foreach(part base proto grpc client_file client fake_chat_service)
  set_target_properties(chatgate_${part} PROPERTIES EXPORT_NAME ${part})
  target_include_directories(chatgate_${part} INTERFACE
    $<INSTALL_INTERFACE:${CHATGATE_INCLUDE}>)
  list(APPEND parts chatgate_${part})
endforeach()
install(TARGETS ${parts} chatgate_warnings EXPORT chatgate
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT client)
install(EXPORT chatgate NAMESPACE chatgate:: FILE chatgateTargets.cmake
        DESTINATION ${CHATGATE_PACKAGE} COMPONENT client)

foreach(header backoff chat_client flags status stop_signal subscription waiter)
  list(APPEND headers client/${header}.h)
endforeach()
install(FILES ${headers} client/rpc_list.inc
        DESTINATION ${CHATGATE_INCLUDE}/client COMPONENT client)
install(FILES client/testing/fake_chat_service.h
        DESTINATION ${CHATGATE_INCLUDE}/client/testing COMPONENT client)
install(FILES server/base/clock.h server/base/mutex.h
        DESTINATION ${CHATGATE_INCLUDE}/server/base COMPONENT client)
install(DIRECTORY ${PROJECT_BINARY_DIR}/gen/chatgate
        DESTINATION ${CHATGATE_INCLUDE} COMPONENT client FILES_MATCHING PATTERN "*.pb.h")
# For those who make their own stubs.
install(DIRECTORY proto/chatgate DESTINATION ${CMAKE_INSTALL_DATADIR}/chatgate/proto
        COMPONENT client FILES_MATCHING PATTERN "*.proto")

configure_package_config_file(cmake/chatgateConfig.cmake.in
  ${PROJECT_BINARY_DIR}/chatgateConfig.cmake INSTALL_DESTINATION ${CHATGATE_PACKAGE})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/chatgateConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/chatgateConfig.cmake
              ${PROJECT_BINARY_DIR}/chatgateConfigVersion.cmake
        DESTINATION ${CHATGATE_PACKAGE} COMPONENT client)
