# segue_embed(TARGET FOLDER PATTERNS...)
# puts files of a folder into the program by .incbin, which costs no compile time, and makes the list of them:
#   extern "C" const EmbeddedFile segue_embedded[]; ended by one without a path.
function(segue_embed target folder)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder} ${ARGN})
  list(SORT files)
  set(assembly ".section .rodata\n")
  set(table "")
  set(number 0)
  foreach(file IN LISTS files)
    string(APPEND assembly ".global segue_file_${number}\nsegue_file_${number}:\n.incbin \"${folder}/${file}\"\n"
                           ".global segue_file_${number}_end\nsegue_file_${number}_end:\n.byte 0\n")
    string(APPEND declarations "extern \"C\" const char segue_file_${number}[], segue_file_${number}_end[];\n")
    string(APPEND table "    {\"${file}\", segue_file_${number}, segue_file_${number}_end},\n")
    set_property(SOURCE ${CMAKE_CURRENT_BINARY_DIR}/embedded.S APPEND PROPERTY OBJECT_DEPENDS ${folder}/${file})
    math(EXPR number "${number} + 1")
  endforeach()
  string(APPEND assembly ".section .note.GNU-stack,\"\",@progbits\n")
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded.S CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded.cc @ONLY CONTENT
"#include \"examples/embedded.h\"
${declarations}
namespace segue::examples {
const EmbeddedFile embedded_files[] = {
${table}    {nullptr, nullptr, nullptr},
};
}  // namespace segue::examples
")
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/embedded.S ${CMAKE_CURRENT_BINARY_DIR}/embedded.cc)
endfunction()
