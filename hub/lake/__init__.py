"""History in files that any engine can read: Parquet beside the database."""
