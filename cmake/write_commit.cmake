# Writes the source with the commit that is built (src/cli/build_commit.h); only where it changed, so that nothing is compiled again.
# A source without git (a package's) has it from the environment: VENTURI_COMMIT.
set(commit "$ENV{VENTURI_COMMIT}")
if(commit STREQUAL "")
  execute_process(COMMAND git -C ${SOURCE} rev-parse --short=12 HEAD OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(commit STREQUAL "")
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT ${TARGET} CONTENT [=[
#include "cli/build_commit.h"

const char* venturi::cli::build_commit() {
  return "@commit@";
}
]=] @ONLY)
