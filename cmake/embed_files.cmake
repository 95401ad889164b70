# Run as a script: writes OUTPUT, a C++ file with every text file of FOLDER as a string literal and its content hash,
# and the function paylink::NAMESPACE::embedded_files() that NAMESPACE/embedded.hpp declares.

file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT files)

set(rows "")
foreach(file IN LISTS files)
  file(READ ${FOLDER}/${file} content)
  file(SHA256 ${FOLDER}/${file} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  string(FIND "${content}" ")embedded\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${file} contains the mark that ends an embedded file")
  endif()
  string(APPEND rows "    {\"${file}\", R\"embedded(${content})embedded\"sv, \"${hash}\"},\n")
endforeach()

file(WRITE ${OUTPUT} "#include \"${NAMESPACE}/embedded.hpp\"

namespace paylink::${NAMESPACE} {

namespace {

using namespace std::string_view_literals;  // a literal knows its length; a compiler that counts it gives up

constexpr EmbeddedFile files[] = {
${rows}};

}  // namespace

std::span<const EmbeddedFile> embedded_files() { return files; }

}  // namespace paylink::${NAMESPACE}
")
