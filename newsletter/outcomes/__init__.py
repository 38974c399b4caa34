"""What the world says about a mail, in the words of this program.

`replies`: an answer of an SMTP server → Outcome. `reports`: a mail that came back → what it tells of a
delivery. `codes`: what a code says of an address. `meanings`: what a refusal in a report says, by its code
and its words. `parts`: the bytes of a mail → its parts. `worded`: reports that are written for people only.
"""
