# Manual pages and completion of the command line, made from its table of commands.
set(about ${PROJECT_BINARY_DIR}/about)
add_custom_command(OUTPUT ${about}/made
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${about}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${about}/man ${about}/bash ${about}/zsh ${about}/fish
  COMMAND venturi_cli_reference man ${about}/man
  COMMAND venturi_cli_reference completion bash > ${about}/bash/venturi
  COMMAND venturi_cli_reference completion zsh > ${about}/zsh/_venturi
  COMMAND venturi_cli_reference completion fish > ${about}/fish/venturi.fish
  COMMAND ${CMAKE_COMMAND} -E touch ${about}/made
  DEPENDS venturi_cli_reference VERBATIM)
add_custom_target(venturi_about ALL DEPENDS ${about}/made)
install(DIRECTORY ${about}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT programs FILES_MATCHING PATTERN "*.1")
install(FILES ${about}/bash/venturi DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT programs)
install(FILES ${about}/zsh/_venturi DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT programs)
install(FILES ${about}/fish/venturi.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT programs)
install(FILES ${PROJECT_SOURCE_DIR}/docs/man/venturi-worker.1 ${PROJECT_SOURCE_DIR}/docs/man/venturi-operators.1
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT programs)
# The notices of what the programs contain.
install(FILES ${PROJECT_SOURCE_DIR}/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT programs)
