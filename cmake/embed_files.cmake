# Run as a script: writes OUTPUT, a C++ file with every text file of FOLDER as a string literal and its content hash, and the
# function paylink::NAMESPACE::embedded_files() that NAMESPACE/embedded.hpp declares.

file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT files)

set(source "#include \"${NAMESPACE}/embedded.hpp\"\n\nnamespace paylink::${NAMESPACE} {\n\nnamespace {\n\nconstexpr EmbeddedFile files[] = {\n")
foreach(file IN LISTS files)
  file(READ ${FOLDER}/${file} content)
  file(SHA256 ${FOLDER}/${file} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  string(FIND "${content}" ")embedded\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${file} contains the mark that ends an embedded file")
  endif()
  string(APPEND source "    {\"${file}\", R\"embedded(${content})embedded\", \"${hash}\"},\n")
endforeach()
string(APPEND source "};\n\n}  // namespace\n\nstd::span<const EmbeddedFile> embedded_files() { return files; }\n\n}  // namespace paylink::${NAMESPACE}\n")

file(WRITE ${OUTPUT} "${source}")
