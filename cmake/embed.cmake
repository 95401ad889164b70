# paylink_embed(<name> <folder>): compiles every file of <folder> into the library of src/<name>, to be read by
# <name>/embedded.hpp. A file that is changed, added or removed is noticed by the next build.
function(paylink_embed name folder)
  set(target paylink_${name})
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.cpp)
  set(script ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -D NAMESPACE=${name} -D FOLDER=${folder} -D OUTPUT=${generated} -P ${script}
    DEPENDS ${files} ${script}
    COMMENT "Embedding ${folder}"
    VERBATIM)
  target_sources(${target} PRIVATE ${generated})
endfunction()
