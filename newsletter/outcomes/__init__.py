"""What the world says about a mail, in the words of this program.

`replies`: an answer of an SMTP server → Outcome.
`reports`: a mail that came back → what it tells of a delivery. `meanings`: what a code and its words say
of an address. `parts`: the bytes of a mail → its parts. `worded`: reports that are written for people only.
"""
