# The manual page and the shells' completions, written by the binary itself when it is installed: never stale.
set(texts ${CMAKE_CURRENT_BINARY_DIR}/texts)
install(CODE "
  file(MAKE_DIRECTORY ${texts})
  execute_process(COMMAND $<TARGET_FILE:cistern> man OUTPUT_FILE ${texts}/cistern.1 COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND gzip -9nf ${texts}/cistern.1 COMMAND_ERROR_IS_FATAL ANY)
  foreach(shell bash zsh fish)
    execute_process(COMMAND $<TARGET_FILE:cistern> completion \${shell} OUTPUT_FILE ${texts}/cistern.\${shell}
                    COMMAND_ERROR_IS_FATAL ANY)
  endforeach()")
install(FILES ${texts}/cistern.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${texts}/cistern.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME cistern)
install(FILES ${texts}/cistern.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _cistern)
install(FILES ${texts}/cistern.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
