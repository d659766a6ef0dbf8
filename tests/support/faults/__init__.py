"""The fault matrix: a run is stopped at one exact point, something happens there, what is left is judged."""
