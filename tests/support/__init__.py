"""What several tests need: fakes, values to draw, clients that are not ours, small CIs. Holds no test."""
