"""Many films in one go: `./render.sh batch FILE`."""
