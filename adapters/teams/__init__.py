"""Microsoft Teams. The views are pure; only app.py knows the SDK."""
