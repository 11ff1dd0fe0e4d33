"""`gdial demo`: a whole call-out by itself, on a simulated telephone network."""
