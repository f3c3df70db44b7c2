"""Sending hints, without anybody waiting for the server that takes them."""
