"""When, in what order, and after a crash: pull, resolve, push."""
