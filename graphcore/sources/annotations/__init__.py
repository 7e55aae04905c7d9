"""What people marked in their videos, in any labelling tool's format: read, chosen from, and written."""
