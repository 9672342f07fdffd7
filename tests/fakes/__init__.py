"""SendGrid, Twilio and a mail server as real servers on this machine, with a ledger of what people would have received.

``Fake`` (client.py) starts them, as a process of its own or in a thread; ``ledger.read`` says what was taken.
"""
