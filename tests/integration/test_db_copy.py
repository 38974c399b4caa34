"""`newsletter db copy`: an installation moves from a file into PostgreSQL, whole or not at all."""
