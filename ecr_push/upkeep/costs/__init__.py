"""What repositories cost in a month, by a table of prices."""
