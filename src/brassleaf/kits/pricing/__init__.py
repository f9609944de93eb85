"""What a hose kit comes to: each of its lines priced by the one engine, quantity breaks by the whole kit."""
