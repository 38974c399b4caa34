"""What the world says about a mail, in the words of this program.

`replies`: an answer of an SMTP server → Outcome.
"""
