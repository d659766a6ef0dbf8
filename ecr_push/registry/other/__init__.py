"""Registries that images are copied from, and that no API of AWS asks: any with the OCI distribution API."""
