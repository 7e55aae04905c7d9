"""Items to records: what decides them, how they are divided, what is written, and how it is shown."""
