"""Twilio, the carrier GDial is built for first."""

from gdial.carriers.twilio.client import TwilioCarrier

__all__ = ["TwilioCarrier"]
