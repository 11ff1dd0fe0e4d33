"""The HTTP face of the network: the vendor's REST API, and the simulator's own doors."""
