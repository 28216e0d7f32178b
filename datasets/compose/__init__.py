"""Pastes rendered things onto street views at the right place, scale and light."""
