"""The doors for programs, carriers and people. Routes are thin: read, call one action, answer."""
