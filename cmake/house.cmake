# segue_room(NAME USES other rooms... LINKS libraries...)
# makes the library segue_NAME from the folder that calls it, and, where x_test.cc files stand
# beside the code, the program NAME_test from them. USES are the arrows that DESIGN allows;
# `./dev check` compares them with the #include lines.
function(segue_room name)
  cmake_parse_arguments(ROOM "" "" "USES;LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$|/main\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")

  list(TRANSFORM ROOM_USES PREPEND segue_)
  if(sources)
    add_library(segue_${name} STATIC ${sources})
    target_include_directories(segue_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(segue_${name} PUBLIC ${ROOM_USES} ${ROOM_LINKS})
    segue_precompiled(segue_${name} segue_headers)
  else()  # a room of headers only
    add_library(segue_${name} INTERFACE)
    target_include_directories(segue_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(segue_${name} INTERFACE ${ROOM_USES} ${ROOM_LINKS})
  endif()

  if(tests)
    add_executable(${name}_test ${tests})
    target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_link_libraries(${name}_test PRIVATE segue_${name} segue_testing GTest::gtest GTest::gmock GTest::gtest_main)
    segue_precompiled(${name}_test segue_test_headers)
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
endfunction()
