"""An offline double of Securating and sms-vote: both documented APIs, on a clock you own."""

__version__ = "0.1.0"
