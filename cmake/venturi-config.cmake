# find_package(venturi): the C++ SDK, for DAG programs.
#
#   venturi::sdk                          headers and libventuri.a, whose main() describes the DAGs and runs their tasks
#   venturi_add_dag(NAME source.cpp ...)  a DAG program, linked statically; put it into the DAGs folder
include(${CMAKE_CURRENT_LIST_DIR}/venturi-targets.cmake)

function(venturi_add_dag name)
  if(NOT ARGN)
    message(FATAL_ERROR "venturi_add_dag(${name}): name its source files")
  endif()
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE venturi::sdk)
  # Small and static: the time to start a task goes with what its program has mapped.
  target_link_options(${name} PRIVATE -static -Wl,--gc-sections)
endfunction()
