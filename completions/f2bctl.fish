complete --keep-order --exclusive --command f2bctl --arguments "(F2BCTL_COMPLETE=fish f2bctl -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
