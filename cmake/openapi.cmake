# paylink_reference(<name>): compiles openapi/paylink.yaml, the same as JSON, and the reference page made of it into the
# library of src/<name>.

# Debian's own Python comes first: python3-yaml belongs to it, whatever other Python is on the path.
function(paylink_has_yaml result program)
  execute_process(COMMAND ${program} -c "import yaml" RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(NOT status EQUAL 0)
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()
find_program(PAYLINK_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH VALIDATOR paylink_has_yaml)
find_program(PAYLINK_PYTHON NAMES python3 VALIDATOR paylink_has_yaml)
if(NOT PAYLINK_PYTHON)
  message(FATAL_ERROR "Python 3 with PyYAML is needed to build the API reference: apt-get install python3-yaml")
endif()

function(paylink_reference name)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/reference)
  set(files ${folder}/openapi.yaml ${folder}/openapi.json ${folder}/docs.html)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/openapi/*.py)
  add_custom_command(
    OUTPUT ${files}
    COMMAND ${PAYLINK_PYTHON} -B ${CMAKE_SOURCE_DIR}/tools/openapi/build.py ${folder}
    DEPENDS ${CMAKE_SOURCE_DIR}/openapi/paylink.yaml ${scripts}
    COMMENT "Making the API reference"
    VERBATIM)
  paylink_embed(${name} ${folder} FILES ${files})
endfunction()
