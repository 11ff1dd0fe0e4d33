"""`gdial run`: start, watch and steer call runs."""
