# Third-party libraries, by the names of Debian's packages; static where Debian carries an archive.
find_package(Threads REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(nlohmann_json REQUIRED)

function(segue_archive target archive header)
  find_library(${target}_archive NAMES ${archive} REQUIRED)
  find_path(${target}_include NAMES ${header} REQUIRED)
  add_library(segue::${target} UNKNOWN IMPORTED)
  set_target_properties(segue::${target} PROPERTIES
    IMPORTED_LOCATION ${${target}_archive} INTERFACE_INCLUDE_DIRECTORIES ${${target}_include})
endfunction()

segue_archive(pg_query libpg_query.a pg_query.h)
segue_archive(protobuf_c libprotobuf-c.a protobuf-c/protobuf-c.h)
segue_archive(yaml_cpp libyaml-cpp.a yaml-cpp/yaml.h)
segue_archive(xxhash libxxhash.a xxhash.h)
target_link_libraries(segue::pg_query INTERFACE segue::protobuf_c Threads::Threads)

# fmt: Debian has no archive, only a shared library whose version differs from one distribution to the next.
# What the headers leave to it is instantiated here once, so the program carries its own.
add_library(segue_fmt STATIC ${CMAKE_CURRENT_LIST_DIR}/fmt_archive.cc)
target_compile_options(segue_fmt PRIVATE -Wno-error)
add_library(segue::fmt ALIAS segue_fmt)

segue_archive(hiredis libhiredis.a hiredis/hiredis.h)
find_path(CURL_INCLUDE_DIRS NAMES curl/curl.h REQUIRED)
