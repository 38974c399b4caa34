"""Ways to hand a mail over, one file each. None decides what is sent, or to whom."""
