# What nearly every file includes is parsed once: a precompiled header for the rooms, one for the command line and one
# for the tests.
# A file still names all that it uses: clang-tidy reads each without them (SEGUE_PRECOMPILED=OFF).
option(SEGUE_PRECOMPILED "precompile the headers that nearly every file includes" ON)

set(common_headers <algorithm> <atomic> <chrono> <cstdint> <functional> <map> <memory> <optional> <set>
                   <string> <string_view> <utility> <variant> <vector> <fmt/format.h>
                   <tl/expected.hpp>)
# segue_soon_built(TARGET): what is full of templates and never busy is not optimised for the tests under sanitizers.
function(segue_soon_built target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O0>)
endfunction()

if(SEGUE_PRECOMPILED)
  # The compiler's cache finds them again only without the times of the headers.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  add_library(segue_headers STATIC ${CMAKE_CURRENT_LIST_DIR}/precompiled.cc)
  target_precompile_headers(segue_headers PRIVATE ${common_headers})
  add_library(segue_cli_headers STATIC ${CMAKE_CURRENT_LIST_DIR}/precompiled.cc)
  target_precompile_headers(segue_cli_headers PRIVATE ${common_headers} <nlohmann/json.hpp> <CLI/CLI.hpp>)
  segue_soon_built(segue_cli_headers)
  add_library(segue_test_headers STATIC ${CMAKE_CURRENT_LIST_DIR}/precompiled.cc)
  target_link_libraries(segue_test_headers PRIVATE GTest::gtest GTest::gmock)
  target_precompile_headers(segue_test_headers PRIVATE ${common_headers} <gmock/gmock.h> <gtest/gtest.h>)
  segue_soon_built(segue_test_headers)
endif()

# segue_precompiled(TARGET HEADERS): the target uses what was precompiled for HEADERS.
function(segue_precompiled target headers)
  if(SEGUE_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM ${headers})
  endif()
endfunction()
