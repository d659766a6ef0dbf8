"""The SDK's documentation is not in the bundle, nor is the text of it in the services' models."""
