"""The NetCDF contract: build, check, write atomically, read."""
