"""What admins do in the chat; each change takes the admin's own code."""
