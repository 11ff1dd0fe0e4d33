"""What the network sends out: signed requests to the application, with retries, and the audio it fetches."""
