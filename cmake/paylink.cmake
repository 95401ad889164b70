# How every folder becomes a library, and every *_test.cpp beside the code a test program.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
include(embed)
include(openapi)

add_library(paylink_options INTERFACE)
target_compile_options(paylink_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror
  -fstack-protector-strong -fno-omit-frame-pointer)
target_include_directories(paylink_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns about its own coroutine frames (subobject-linkage) and inlined std::string at -O2; clang does not.
  target_compile_options(paylink_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-subobject-linkage)
else()
  target_compile_options(paylink_options INTERFACE -Wno-gnu-statement-expression)
endif()

# paylink_library(<folder> [LINKS <paylink libraries>] [USES <third-party targets>] [PRECOMPILE <headers>])
# A static library of all .cpp files of src/<folder> but its tests, linking exactly its row of the layer table.
function(paylink_library name)
  cmake_parse_arguments(LIB "" "" "LINKS;USES;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*_test.cpp)
  list(REMOVE_ITEM sources ${tests} "")
  list(TRANSFORM LIB_LINKS PREPEND paylink_)
  add_library(paylink_${name} STATIC ${sources})
  target_link_libraries(paylink_${name} PUBLIC paylink_options ${LIB_LINKS} PRIVATE ${LIB_USES})
  if(LIB_PRECOMPILE)
    target_precompile_headers(paylink_${name} PRIVATE ${LIB_PRECOMPILE})
  endif()
  if(PAYLINK_TESTS AND tests)
    paylink_test(${name}_test SOURCES ${tests} LINKS paylink_${name} ${LIB_USES})
  endif()
endfunction()

# paylink_test(<name> SOURCES … LINKS …): a GoogleTest program, run by ctest as one test.
function(paylink_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINKS" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE paylink_options ${TEST_LINKS} GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()
