"""Who trains, who validates, who tests: by hash, by lists, by folds, or as the inputs themselves say."""
