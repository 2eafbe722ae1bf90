# cmake -DSOURCE=... -DOUTPUT=... -P commit.cmake: writes the commit of a checkout as a C++ source, and touches it only when it is another:
# what a new commit rebuilds is that one file, and the few programs that tell it. VENTURI_COMMIT in the environment says it where there
# is no checkout, as in an image or a source package.
set(commit "$ENV{VENTURI_COMMIT}")
if(commit STREQUAL "" AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT commit MATCHES "^[0-9A-Za-z._-]*$")
  message(FATAL_ERROR "VENTURI_COMMIT is not the name of a commit: ${commit}")
endif()
set(text "#include \"cli/commit.h\"\n\nnamespace venturi::cli {\n\nstd::string_view commit() {\n  return \"${commit}\";\n}\n\n}  // namespace venturi::cli\n")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} present)
endif()
if(NOT present STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
