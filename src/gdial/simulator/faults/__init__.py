"""What goes wrong in the network by plan."""
