"""Routes, what runs before their handlers, and what that vouches for."""
