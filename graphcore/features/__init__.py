"""What a frozen backbone sees in every picture: extracted once, kept by content."""
