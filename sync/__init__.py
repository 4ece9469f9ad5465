"""The running hub: config, store, engine, workers, web and command line."""
