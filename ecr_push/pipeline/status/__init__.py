"""What is released, how it was judged, and what is known of it since."""
