"""Several runs on the same samples: what each is worth, and whether their difference is more than chance."""
