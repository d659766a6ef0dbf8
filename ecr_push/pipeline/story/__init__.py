"""The story of one image: who pushed, judged, tagged and deleted it."""
