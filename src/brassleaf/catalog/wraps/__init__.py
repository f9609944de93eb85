"""Wraps: sleeves and guards over a hose."""
