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
  # With precompiled headers it warns about the insides of std::string, too, and gains little.
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
else()
  target_compile_options(paylink_options INTERFACE -Wno-gnu-statement-expression -Xclang -fno-pch-timestamp)
  # What it builds is tested and not shipped: inlined less, it is built in a third less time.
  target_compile_options(paylink_options INTERFACE "SHELL:-mllvm -inline-threshold=25")
  if(PAYLINK_UNITY)  # what other files have is not shadowed; g++ says the rest
    target_compile_options(paylink_options INTERFACE -Wno-shadow)
  endif()
endif()

# Nobody waits for a test's own code, and everybody for its compiler.
add_library(paylink_test_options INTERFACE)
target_compile_options(paylink_test_options INTERFACE -O0 -U_FORTIFY_SOURCE
  $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=fuzzer-no-link>)
target_link_libraries(paylink_test_options INTERFACE paylink_options)

# The standard headers that nearly every file includes, and GoogleTest's: a fifth of the time of a build. g++ and
# clang-tidy read every file without them, so a missing #include is found.
function(paylink_precompile name)
  cmake_parse_arguments(PCH "" "" "LINKS;HEADERS" ${ARGN})
  file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "// Carries what is precompiled.\n")
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE ${PCH_LINKS})
  target_precompile_headers(${name} PRIVATE ${PCH_HEADERS})
endfunction()
set(paylink_common_headers <algorithm> <array> <atomic> <chrono> <cstdint> <functional> <map> <memory> <mutex>
  <optional> <span> <string> <string_view> <utility> <variant> <vector>)
paylink_precompile(paylink_precompiled LINKS paylink_options HEADERS ${paylink_common_headers})
if(PAYLINK_TESTS)
  find_package(GTest REQUIRED)
  paylink_precompile(paylink_precompiled_tests LINKS paylink_test_options GTest::gtest
    HEADERS ${paylink_common_headers} <gtest/gtest.h>)
endif()

# Several files of a library are compiled as one where a whole tree is built once (PAYLINK_UNITY): much of the time of
# each is its headers. Names in anonymous namespaces are therefore different in all files of a folder.
function(paylink_join target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${PAYLINK_UNITY} UNITY_BUILD_BATCH_SIZE 8)
endfunction()

# paylink_library(<folder> [LINKS <paylink libraries>] [USES <third-party targets>])
# A static library of all .cpp files of src/<folder> but its tests, linking exactly its row of the layer table; and
# paylink_<folder>_testing, what tests of it share (testing*.cpp), and those of what it links.
function(paylink_library name)
  cmake_parse_arguments(LIB "" "" "LINKS;USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*_test.cpp)
  file(GLOB_RECURSE shared CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/testing*.cpp)
  list(REMOVE_ITEM sources ${tests} ${shared} "")
  list(TRANSFORM LIB_LINKS PREPEND paylink_)
  add_library(paylink_${name} STATIC ${sources})
  target_link_libraries(paylink_${name} PUBLIC paylink_options ${LIB_LINKS} PRIVATE ${LIB_USES})
  target_precompile_headers(paylink_${name} REUSE_FROM paylink_precompiled)
  paylink_join(paylink_${name})
  if(NOT PAYLINK_TESTS)
    return()
  endif()
  list(TRANSFORM LIB_LINKS APPEND _testing)
  add_library(paylink_${name}_testing INTERFACE)
  target_link_libraries(paylink_${name}_testing INTERFACE ${LIB_LINKS})
  if(shared)
    add_library(paylink_${name}_shared STATIC EXCLUDE_FROM_ALL ${shared})
    target_link_libraries(paylink_${name}_shared
      PUBLIC paylink_${name} ${LIB_LINKS} GTest::gtest PRIVATE paylink_test_options ${LIB_USES})
    target_precompile_headers(paylink_${name}_shared REUSE_FROM paylink_precompiled_tests)
    target_link_libraries(paylink_${name}_testing INTERFACE paylink_${name}_shared)
  endif()
  if(tests)
    paylink_test(${name}_test SOURCES ${tests} LINKS paylink_${name} paylink_${name}_testing ${LIB_USES})
  endif()
endfunction()

# paylink_test(<name> SOURCES … LINKS …): a GoogleTest program, run by ctest as one test.
function(paylink_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE paylink_test_options ${TEST_LINKS} GTest::gtest GTest::gtest_main)
  target_precompile_headers(${name} REUSE_FROM paylink_precompiled_tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()
