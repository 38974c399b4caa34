"""The process that keeps the schedule."""
