"""A finished classifier at work: pictures, folders and videos to scores."""
