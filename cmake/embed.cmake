# paylink_embed(<name> <folder> [FILES <files>]): compiles every file of <folder> into the library of src/<name>, to be
# read by <name>/embedded.hpp. A file that is changed, added or removed is noticed by the next build. A folder that the
# build itself fills names its FILES, the outputs of a custom command.
function(paylink_embed name folder)
  cmake_parse_arguments(EMBED "" "" "FILES" ${ARGN})
  set(target paylink_${name})
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.cpp)
  set(script ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake)
  set(files ${EMBED_FILES})
  if(NOT files)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
  endif()
  string(SHA256 names "${files}")  # in the command: one that is gone leaves nothing newer behind
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -D NAMESPACE=${name} -D FOLDER=${folder} -D NAMES=${names} -D OUTPUT=${generated}
            -P ${script}
    DEPENDS ${files} ${script}
    COMMENT "Embedding ${folder}"
    VERBATIM)
  # A file may be longer than the 65536 characters a compiler has to bear; both of ours bear more.
  set_source_files_properties(${generated} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
  target_sources(${target} PRIVATE ${generated})
endfunction()
