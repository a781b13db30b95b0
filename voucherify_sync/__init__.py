"""The front door: command line, settings, wiring, simulator and demo."""
