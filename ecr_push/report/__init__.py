"""Outcome -> text, each a pure function that returns a str."""
